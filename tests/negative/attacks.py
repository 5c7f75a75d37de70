"""The attacks that this index is held against, and the tests that try each: `file::test` below `tests/`, or why there is none."""

from __future__ import annotations

SPELL, KEYS, CLAIMS = "negative/test_tokens_spelling.py", "negative/test_tokens_keys.py", "negative/test_tokens_claims.py"
ISSUER, HTTP, EXCHANGE = "parties/issuer/test_keys.py", "parties/issuer/test_http.py", "usecases/test_exchange.py"
GITHUB, TOGETHER, PENDING = (
    "domain/providers/test_github.py",
    "usecases/test_exchange_together.py",
    "usecases/test_exchange_pending.py",
)
ROLES, CANARIES, BODIES = "negative/test_roles.py", "negative/test_canaries.py", "negative/test_exchange_inputs.py"
SIGN, STEP, MINE = "usecases/accounts/test_sign_in.py", "usecases/accounts/test_second_step.py", "usecases/accounts/test_mine.py"
PASS, REGISTER = "usecases/accounts/test_passwords.py", "usecases/accounts/test_registration.py"
PEOPLE, STATES, UPLOAD = "usecases/projects/test_people.py", "usecases/projects/test_states.py", "usecases/test_upload.py"
PAGES, FAST, FILES = "web/pages/test_every_page.py", "web/test_fast.py", "web/test_files.py"
WIRE, LEGACY, RAW = "web/test_protocol.py", "web/test_legacy.py", "negative/test_upload_http.py"
MULTI, UPSTREAM = "negative/test_upload_bodies.py", "web/test_upstream.py"

Tests = tuple[str, ...] | str

RELYING_PARTY: dict[str, Tests] = {
    "A1 segments": (
        f"{SPELL}::test_a_second_spelling_is_malformed",
        "parties/issuer/test_contract.py::test_what_is_no_token_is_malformed",
    ),
    "A2 JSON serialisations": (f"{SPELL}::test_a_second_spelling_is_malformed",),
    "A3 other base64": (
        f"{SPELL}::test_a_second_spelling_is_malformed",
        "negative/test_tokens_mutated.py::test_every_single_change_is_refused",
    ),
    "A4 blanks and prefixes": (f"{SPELL}::test_a_second_spelling_is_malformed",),
    "A5 no object": (
        f"{SPELL}::test_a_second_spelling_is_malformed",
        "negative/test_tokens_mutated.py::test_any_signed_bytes_get_an_answer",
    ),
    "A6 encodings": (f"{SPELL}::test_a_second_spelling_is_malformed",),
    "A7 numbers and depth": (f"{SPELL}::test_a_second_spelling_is_malformed",),
    "A8 members twice": (f"{SPELL}::test_a_second_spelling_is_malformed",),
    "A9 too long": (f"{SPELL}::test_a_second_spelling_is_malformed",),
    "A10 packed": (f"{KEYS}::test_a_header_changes_no_rules",),
    "A11 bodies": (
        f"{BODIES}::test_any_body_gets_an_answer",
        "web/api/test_exchange_routes.py::test_a_body_that_can_hold_no_token_is_refused_unread",
    ),
    "B12 none": (f"{KEYS}::test_none_is_no_algorithm",),
    "B13 public key as secret": (f"{KEYS}::test_a_public_key_is_no_shared_secret",),
    "B14 other RSA": (f"{KEYS}::test_only_the_issuers_algorithms_exist",),
    "B15 ECDSA": (f"{ISSUER}::test_an_odd_ecdsa_signature_is_refused", f"{KEYS}::test_a_signature_is_the_issuers_or_nothing"),
    "B16 odd alg": (f"{KEYS}::test_only_the_issuers_algorithms_exist",),
    "B17 weak keys": (f"{KEYS}::test_a_weak_key_is_no_key", f"{ISSUER}::test_a_key_of_the_broken_generator_is_left_out"),
    "C18-C20 kid": (f"{KEYS}::test_a_key_is_named_exactly",),
    "C21 no other key": (f"{KEYS}::test_a_key_is_named_exactly", f"{KEYS}::test_a_signature_is_the_issuers_or_nothing"),
    "C22 key use": (f"{ISSUER}::test_a_bad_key_is_left_out_and_harms_nobody",),
    "C23 keys in tokens": (f"{KEYS}::test_a_token_brings_no_key_along",),
    "C24 bad keys beside good": (
        f"{ISSUER}::test_a_name_for_two_keys_names_none",
        f"{ISSUER}::test_a_bad_key_is_left_out_and_harms_nobody",
    ),
    "D25-D26 crit, b64": (f"{KEYS}::test_a_header_changes_no_rules",),
    "E27 issuer text": (f"{CLAIMS}::test_an_issuer_is_known_exactly", f"{CLAIMS}::test_an_issuer_is_text"),
    "E28 issuer for another": (
        f"{CLAIMS}::test_one_issuer_does_not_speak_for_another",
        "domain/test_matching.py::test_a_token_is_refused_when_another_issuer_verified_it",
    ),
    "F29 audience": (f"{CLAIMS}::test_the_audience_is_ours_alone",),
    "G30-G32 time": (f"{CLAIMS}::test_a_time_is_a_number", f"{CLAIMS}::test_a_token_has_its_time"),
    "G33 clock steps": (f"{ISSUER}::test_a_clock_that_is_set_back_locks_nobody_out",),
    "H34 replay": (
        f"{TOGETHER}::test_a_hundred_exchanges_of_one_token_give_one_upload_token",
        f"{EXCHANGE}::test_two_issuers_may_use_the_same_jti",
        f"{EXCHANGE}::test_a_spent_token_is_remembered_longer_than_it_could_be_accepted",
        f"{EXCHANGE}::test_a_token_without_a_jti_is_spent_too",
        f"{CLAIMS}::test_a_jti_is_short_plain_text",
        "storage/test_crash.py::test_every_acknowledged_write_survives_being_killed",
    ),
    "H34 replay on two replicas": ("main/test_scale.py::test_an_id_token_is_good_for_one_upload_token_over_all_processes",),
    "H35 same token, other text": (
        f"{SPELL}::test_a_second_spelling_is_malformed",
        "domain/test_claims.py::test_without_a_usable_identifier_the_signed_bytes_are_the_key",
    ),
    "H36 quiet replay": (
        f"{GITHUB}::test_a_replay_says_no_more_than_that",
        f"{GITHUB}::test_ours_tells_a_replay_only_to_who_would_have_matched",
    ),
    "I37 claims of other types": (
        f"{GITHUB}::test_a_claim_of_another_type_is_refused_and_shown",
        "domain/test_matching_laws.py::test_nothing_raises_and_every_answer_explains_itself",
    ),
    "I38 missing claims": (f"{GITHUB}::test_a_missing_claim_is_named",),
    "I39 events": (f"{GITHUB}::test_ours_refuses_events_that_strangers_can_cause",),
    "I40 environment": (
        f"{GITHUB}::test_ours_prefers_the_constrained_publisher",
        "domain/test_forms.py::test_an_environment_of_blanks_is_none_for_us",
    ),
    "J41-J44, J47-J49 matching": (
        f"{GITHUB}::test_ours_refuses_and_names_the_one_field",
        "domain/test_matching_laws.py::test_a_constrained_claim_that_changes_is_refused_and_explained",
    ),
    "J42 another owner id": (
        f"{PENDING}::test_another_owner_id_is_another_identity",
        f"{GITHUB}::test_ours_wants_a_registered_owner_id",
    ),
    "J43 called workflows": (f"{GITHUB}::test_pypi_refuses_a_called_workflow_of_elsewhere",),
    "J45-J46 refs": (
        f"{GITHUB}::test_the_called_file_is_found_as_pypi_finds_it",
        f"{GITHUB}::test_finding_the_called_file_takes_no_quadratic_time",
    ),
    "K50 flood of unknown keys": (f"{ISSUER}::test_a_flood_of_unknown_keys_causes_one_fetch_a_minute",),
    "K51 single flight": (f"{ISSUER}::test_many_callers_share_one_fetch",),
    "K52 hostile key servers": (
        f"{HTTP}::test_no_redirect_is_followed",
        f"{HTTP}::test_a_bomb_does_not_explode",
        f"{HTTP}::test_an_inner_address_is_never_called",
        f"{HTTP}::test_the_whole_fetch_has_one_limit",
        "parties/issuer/test_discovery.py::test_keys_anywhere_else_are_refused",
        "parties/issuer/test_discovery.py::test_a_document_of_another_issuer_is_refused",
    ),
    "K53 rotation": (
        f"{ISSUER}::test_a_new_key_is_found_after_one_refresh_and_a_removed_one_is_gone",
        f"{ISSUER}::test_a_removed_key_stops_working_within_an_hour",
    ),
    "K54 outage": (f"{ISSUER}::test_a_failed_refresh_keeps_the_keys_for_a_day",),
    "L traps of Python": (
        f"{SPELL}::test_a_second_spelling_is_malformed",
        f"{CLAIMS}::test_a_time_is_a_number",
        f"{CLAIMS}::test_an_issuer_is_text",
        f"{BODIES}::test_any_claims_get_an_answer",
    ),
    "M55-M59 caveats": "tokens are opaque and found by their digest: there is nothing in them to add, drop or respell",
    "M59 what is no token": (
        "domain/test_tokens.py::test_what_is_no_token_is_refused",
        "domain/test_tokens.py::test_one_wrong_character_is_noticed",
    ),
    "M60 shared keys": "there is no key: each token is 32 random bytes of its own",
    "M61 time of comparing": "a token is looked up by its SHA-256: how long that takes says nothing about its bytes",
    "M62 expiry": (f"{UPLOAD}::test_expiry_is_exact",),
    "M63 what changes meanwhile": (
        "usecases/test_upload_meanwhile.py::test_what_changes_in_the_middle_counts",
        "usecases/test_upload_projects.py::test_what_an_owner_does_meanwhile_counts",
        f"{EXCHANGE}::test_unlinking_ends_a_token_for_that_project",
        "usecases/test_exchange_constraints.py::test_a_publisher_that_is_unlinked_before_its_upload_reaches_nothing",
    ),
    "M64 another index": ("main/test_indexes.py::test_each_has_its_own_projects_and_audience",),
    "M65 tokens stay secret": (
        f"{CANARIES}::test_nothing_is_said_or_logged",
        "negative/test_canaries_index.py::test_no_secret_is_said_or_logged",
    ),
}
"""Attacks on what verifies ID tokens and mints upload tokens."""

PROPERTIES: dict[str, Tests] = {
    "P1 replay window": (f"{EXCHANGE}::test_a_spent_token_is_remembered_longer_than_it_could_be_accepted",),
    "P2 one of many at once": (f"{TOGETHER}::test_a_hundred_exchanges_of_one_token_give_one_upload_token",),
    "P3 a mark only for what was checked": (
        f"{REGISTER}::test_registering_verifies_by_mail",
        "usecases/accounts/test_mine.py::test_a_new_address_counts_once_it_is_verified",
    ),
    "P4 events": (
        f"{EXCHANGE}::test_an_exchange_leaves_an_event_in_each_covered_project",
        f"{UPLOAD}::test_the_audit_log_says_what_came_from_where",
        f"{PEOPLE}::test_an_invitation_is_mailed_and_taken_by_its_link",
    ),
    "P5 the same for every account": (
        f"{PASS}::test_forgetting_says_nothing",
        f"{PASS}::test_forgetting_works_the_same",
        f"{SIGN}::test_everybody_else_gets_the_same_answer",
    ),
    "P6 one choke point": (f"{SIGN}::test_closing_ends_everything", f"{ROLES}::test_who_may"),
    "P7 route and method": (
        f"{ROLES}::test_every_route_is_in_the_table",
        f"{ROLES}::test_who_may",
        f"{PAGES}::test_nothing_changes_by_opening_pages",
    ),
    "P8 TOTP steps": (f"{STEP}::test_a_step_is_accepted_once", f"{STEP}::test_what_is_no_code"),
    "P9 metadata equals the form": (
        "domain/test_release.py::test_a_wheel_depends_on_what_the_form_says",
        "domain/test_release.py::test_the_file_must_be_what_the_form_says",
    ),
    "P10 the actor": (
        f"{MINE}::test_tokens_are_their_owners",
        "usecases/accounts/test_who_may.py::test_another_persons_session_is_not_mine",
        "usecases/projects/test_authorisation.py::test_who_may_do_it",
    ),
    "P11 the issuer is looked up too": (
        "storage/test_queries.py::test_candidates_hold_every_row_of_the_key_and_no_other",
        f"{CLAIMS}::test_one_issuer_does_not_speak_for_another",
    ),
    "P12 after a transfer": (f"{PEOPLE}::test_after_a_transfer_nobody_else_has_a_right",),
    "P13 what administrators do": (
        f"{MINE}::test_administrators_close_and_open",
        "web/pages/test_projects.py::test_administrators_put_a_project_into_quarantine",
    ),
    "P14 secrets in builds": "we build no images; the wheel holds the files of src alone",
    "P15 trusted publishing only": ("usecases/test_upload_projects.py::test_what_an_owner_does_meanwhile_counts",),
    "P16 quarantine in one action": (f"{STATES}::test_states_follow_each_other",),
    "P17 no reset to unverified addresses": (
        f"{PASS}::test_forgetting_says_nothing",
        f"{PASS}::test_a_link_is_for_the_address_it_was_mailed_to",
    ),
    "P18 names from files decide nothing": (
        "domain/test_release.py::test_the_file_must_be_what_the_form_says",
        f"{UPLOAD}::test_tokens_that_do_not_reach_the_project",
    ),
    "P19 one creation": (
        f"{TOGETHER}::test_fifty_first_uses_create_the_project_once",
        f"{TOGETHER}::test_two_pending_publishers_for_one_name_have_one_winner",
    ),
}
"""What the audits of other indexes found, as properties of this one."""

WEB: dict[str, Tests] = {
    "multipart bodies": (
        f"{MULTI}::test_malformed_bodies",
        f"{MULTI}::test_other_types_of_content",
        "negative/test_upload_mutated.py::test_changed_bodies",
    ),
    "lengths that lie": (f"{RAW}::test_a_length_that_lies_stores_nothing", f"{WIRE}::test_two_ways_to_read_a_length_are_refused"),
    "slow clients": (
        f"{RAW}::test_a_byte_now_and_then",
        f"{WIRE}::test_a_head_has_a_time_limit_as_a_whole",
        "main/test_listener.py::test_a_head_that_never_ends_is_cut_off",
    ),
    "expect": (f"{RAW}::test_a_client_that_asks_before_it_sends",),
    "time and memory of forms": (
        f"{RAW}::test_no_form_takes_a_second_or_much_memory",
        f"{LEGACY}::test_memory_stays_flat_under_a_large_upload",
    ),
    "early refusal": (f"{LEGACY}::test_a_large_upload_without_a_right_is_read_before_it_is_refused",),
    "ranges": (f"{FILES}::test_any_range_header_is_a_part_of_the_file_or_nothing",),
    "HEAD and conditions": (
        f"{FAST}::test_head_is_get_without_the_body",
        f"{FILES}::test_a_client_that_has_the_file_gets_no_body",
    ),
    "line ends in what we send": (
        f"{WIRE}::test_a_line_end_in_a_reason_adds_no_header",
        f"{LEGACY}::test_a_file_name_cannot_leave_its_header",
    ),
    "names": (
        "domain/test_names.py::test_normalize_is_the_standards",
        f"{UPLOAD}::test_a_name_that_looks_like_another_is_not_registered",
        "domain/test_names.py::test_modules_of_the_standard_library_are_taken",
    ),
    "names of files are never used again": (
        f"{UPLOAD}::test_a_deleted_name_is_never_used_again",
        f"{STATES}::test_a_deleted_file_keeps_its_name",
    ),
    "the same bytes, other bytes": (
        f"{UPLOAD}::test_the_same_file_again_is_fine_and_changes_nothing",
        f"{UPLOAD}::test_other_bytes_under_a_name_are_refused",
    ),
    "metadata": (
        "domain/test_core_metadata.py::test_problems_are_named",
        "domain/test_release.py::test_a_single_use_field_sent_twice_is_refused",
        "web/pages/test_public.py::test_only_addresses_of_the_web_can_be_followed",
    ),
    "descriptions": (
        "parties/readme/test_rendering.py::test_hostile_html_comes_out_harmless",
        "parties/readme/test_process.py::test_a_readme_that_takes_too_much_is_not_rendered",
    ),
    "headers of files": (f"{FILES}::test_the_headers_of_a_file", f"{FILES}::test_the_metadata_of_a_wheel_has_its_own_address"),
    "dependency confusion": (
        f"{UPSTREAM}::test_a_name_that_exists_here_is_never_taken_from_there",
        f"{UPSTREAM}::test_a_name_that_was_or_will_be_ours_is_never_taken_from_there",
    ),
    "simple pages": (
        f"{FAST}::test_markup_in_names_and_reasons_is_escaped",
        f"{FAST}::test_a_project_page_in_html_says_the_same",
        f"{FAST}::test_a_page_shows_what_was_acknowledged_a_moment_ago",
    ),
}
"""Uploads, names and what is served."""
