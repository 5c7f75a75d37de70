"""Laws of the heart: what holds for every provider, profile and claim."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Scale
from tests.domain.samples import CONSTRAINED, PAIRS
from trustpub.domain.claims import JSON, ClaimSet
from trustpub.domain.matching import Profile, decide
from trustpub.domain.outcome import Accepted, Decision, Refused
from trustpub.domain.publishers import Provider, Publisher, kin_of, lookup_of

PROVIDERS = st.sampled_from(list(Provider))
PROFILES = st.sampled_from(list(Profile))

# Text that is near to what the samples hold, so that changes land close to the edge, and any other text.
NEAR = st.sampled_from(
    ["octo", "Octo", "octo/orchay", "OCTO/orchay", "42", "pypi", "PyPI", "pypi.yml", "", " ", "\n", "\u212a", "a/b", "."]
)
TEXT = NEAR | st.text(max_size=20)
ANY_JSON: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NAMES = sorted({name for _, claims in PAIRS.values() for name in claims} | {"actor", "workflow_ref"})
ANY_CLAIMS = st.dictionaries(st.sampled_from(NAMES) | TEXT, ANY_JSON, max_size=8)


def examine(law: Callable[..., None], count: int) -> None:
    """Hold a law against so many examples."""
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    settings(max_examples=count, deadline=None, suppress_health_check=checks, database=None)(law)()


def bent(text: str, how: str, other: str) -> str:
    """Another text, most often one that is easily taken for the first."""
    return {
        "prefix": other + text,
        "suffix": text + other,
        "shorter": text[:-1],
        "upper": text.upper(),
        "swap": text.swapcase(),
        "blank": f" {text}",
        "newline": f"{text}\n",
        "zero-width": f"{text}\u200b",
        "other": other,
    }[how]


HOW = st.sampled_from(["prefix", "suffix", "shorter", "upper", "swap", "blank", "newline", "zero-width", "other"])


def ascii_folded(text: str) -> str:
    """The letters A to Z in lower case, nothing else changed."""
    return "".join(chr(ord(letter) + 32) if "A" <= letter <= "Z" else letter for letter in text)


def equivalent(provider: Provider, profile: Profile, claim: str, old: JSON, new: JSON) -> bool:
    """Whether a profile may take two values of a claim for the same, told independently of how it matches."""
    if type(old) is not type(new):
        return False
    if old == new:
        return True
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    if provider is Provider.GITHUB:
        return _same_at_github(profile, claim, old, new)
    if provider is Provider.GITLAB:
        return _same_at_gitlab(profile, claim, old, new)
    # Only the first four parts of an ActiveState subject name the project.
    return provider is Provider.ACTIVESTATE and claim == "sub" and old.split(":")[:4] == new.split(":")[:4]


def _same_at_github(profile: Profile, claim: str, old: str, new: str) -> bool:
    if claim == "environment":
        return old.lower() == new.lower() if profile is Profile.PYPI else ascii_folded(old) == ascii_folded(new)
    if profile is Profile.PYPI:
        return False
    if claim in ("repository", "repository_owner"):
        return ascii_folded(old) == ascii_folded(new)
    if claim == "job_workflow_ref":
        slug = len("octo/orchay")
        return ascii_folded(old[:slug]) == ascii_folded(new[:slug]) and old[slug:] == new[slug:]
    return False


def _same_at_gitlab(profile: Profile, claim: str, old: str, new: str) -> bool:
    fold = str.lower if profile is Profile.PYPI else ascii_folded
    if claim == "project_path":
        return fold(old) == fold(new)
    if claim == "sub":
        return [fold(part) for part in old.split(":")[:2]] == [fold(part) for part in new.split(":")[:2]]
    if claim == "ci_config_ref_uri" and profile is Profile.TRUSTPUB:
        prefix = len("gitlab.com/group/team/orchay//")
        return fold(old[:prefix]) == fold(new[:prefix]) and old[prefix:] == new[prefix:]
    return False


def explained(refused: Refused) -> bool:
    """Whether a refusal says what differs, or which claim is missing."""
    return bool(refused.differences) or (refused.reason or "").startswith("Missing claim ")


def test_a_constrained_claim_that_changes_is_refused_and_explained(scale: Scale) -> None:
    """One publisher and its token; change a claim that it constrains to a value that is not the same: refused, with why."""

    @given(PROVIDERS, PROFILES, st.data())
    def law(provider: Provider, profile: Profile, data: st.DataObject) -> None:
        registered, claims = PAIRS[provider]
        assert isinstance(decide(claims, [registered], profile, provider=provider), Accepted)
        claim = data.draw(st.sampled_from(CONSTRAINED[provider]))
        old = claims[claim]
        near = st.builds(bent, st.just(old), HOW, TEXT) if isinstance(old, str) else st.nothing()
        new: JSON = data.draw(near | ANY_JSON)

        decision = decide({**claims, claim: new}, [registered], profile, provider=provider)

        if equivalent(provider, profile, claim, old, new):
            assert isinstance(decision, Accepted)
        else:
            assert isinstance(decision, Refused)
            assert explained(decision)
            assert all(one.expected != one.got or type(one.expected) is not type(one.got) for one in decision.differences)

    examine(law, scale(80, 10_000))


def test_a_publisher_that_changes_is_refused_and_explained(scale: Scale) -> None:
    """The same from the other side: change one field that is registered, and the token no longer matches; the field is named."""

    @given(PROVIDERS, PROFILES, st.data())
    def law(provider: Provider, profile: Profile, data: st.DataObject) -> None:
        registered, claims = PAIRS[provider]
        place = data.draw(st.integers(0, len(registered.fields) - 1))
        field, old = registered.fields[place]
        new = data.draw(st.builds(bent, st.just(old), HOW, TEXT))
        fields = tuple((name, new if name == field else value) for name, value in registered.fields)
        changed = registered._replace(fields=fields)

        decision = decide(claims, [changed], profile, provider=provider)

        if isinstance(decision, Refused):
            assert explained(decision)
        else:
            unread = field in ("actor", "issuer_url")
            free = field in ("environment", "sub") and new == ""
            assert unread or free or new.lower() == old.lower()

    examine(law, scale(100, 5_000))


def test_nothing_raises_and_every_answer_explains_itself(scale: Scale) -> None:
    """Any claims, any publishers, any profile: an answer, the same one twice, explained unless spent or without a publisher."""

    @given(
        PROVIDERS,
        PROFILES,
        ANY_CLAIMS,
        st.booleans(),
        st.lists(st.sampled_from([own for own, _ in PAIRS.values()]), max_size=3),
        st.booleans(),
        st.booleans(),
    )
    def law(
        provider: Provider,
        profile: Profile,
        changed: dict[str, JSON],
        alone: bool,
        publishers: list[Publisher],
        replayed: bool,
        named: bool,
    ) -> None:
        claims: ClaimSet = changed if alone else {**PAIRS[provider][1], **changed}

        def asked() -> Decision:
            return decide(claims, publishers, profile, provider=provider if named else None, replayed=replayed)

        decision = asked()
        assert decision == asked()
        if isinstance(decision, Accepted):
            assert not replayed
            assert publishers[decision.index] is decision.publisher
        elif decision.code == "invalid-reuse-token":
            assert (replayed, None, ()) == (True, decision.reason, decision.differences)
        else:
            assert f"valid token, but no corresponding publisher ({decision.reason})" == decision.description
            kinds = {one.provider for one in publishers}
            assert explained(decision) or not publishers or (named and provider not in kinds) or len(kinds) > 1 or not named

    examine(law, scale(100, 15_000))


def test_whoever_is_accepted_is_found_by_the_keys_of_the_claims(scale: Scale) -> None:
    """The keys that narrow candidates in a database are wider than any matching: they never hide the publisher that matches."""

    @given(PROVIDERS, PROFILES, st.data())
    def law(provider: Provider, profile: Profile, data: st.DataObject) -> None:
        registered, claims = PAIRS[provider]
        folded: dict[str, JSON] = {
            name: value.swapcase() if isinstance(value, str) and name != "iss" and data.draw(st.booleans()) else value
            for name, value in claims.items()
        }

        if isinstance(decide(folded, [registered], profile, provider=provider), Accepted):
            assert registered.lookup == lookup_of(provider, folded)
            assert registered.kin == kin_of(provider, folded)

    examine(law, scale(100, 2_000))


def test_the_keys_of_any_claims_are_text_or_nothing(scale: Scale) -> None:
    """Computing them never raises."""

    @given(PROVIDERS, ANY_CLAIMS)
    def law(provider: Provider, claims: dict[str, JSON]) -> None:
        for key in (lookup_of(provider, claims), kin_of(provider, claims)):
            assert key is None or key

    examine(law, scale(100, 2_000))


def test_a_wider_publisher_never_refuses_what_a_narrower_accepts() -> None:
    """Taking the environment or the subject away from a publisher accepts the same token."""
    for provider, field in ((Provider.GITHUB, "environment"), (Provider.GITLAB, "environment"), (Provider.GOOGLE, "sub")):
        registered, claims = PAIRS[provider]
        wider = registered._replace(fields=tuple((name, "" if name == field else value) for name, value in registered.fields))
        for profile in Profile:
            assert Accepted(0, wider) == decide(claims, [wider], profile, provider=provider)
