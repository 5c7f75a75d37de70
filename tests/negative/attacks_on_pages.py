"""What OWASP ASVS 5.0 asks of pages and accounts, and the tests that hold this index to it: `file::test` below `tests/`."""

from __future__ import annotations

from tests.negative.attacks import (
    EXCHANGE,
    FAST,
    FILES,
    LEGACY,
    MINE,
    PAGES,
    PASS,
    RAW,
    REGISTER,
    ROLES,
    SIGN,
    STEP,
    Tests,
)

COOKIE, LOG = "web/auth/test_cookie.py", "web/test_requests_log.py"
MAIL, KEYS = "parties/mail/test_posts.py", "parties/webauthn/test_duo.py"
PROXIES, FRONT, ACCOUNT = "web/test_proxies.py", "journeys/front", "web/pages/test_account.py"
FACTORS = "usecases/accounts/test_second_factors.py"
FORM, ORIGIN = "web/pages/test_form.py", "web/auth/test_own_origin.py"
SECRETS, INDEX = "usecases/accounts/test_secrets.py", "negative/test_canaries_index.py"

ASVS: dict[str, Tests] = {
    "1 cookie": (f"{COOKIE}::test_over_https_only_this_host_can_set_it",),
    "2 HSTS": ("negative/test_attack_list.py::test_https_stays_https",),
    "3 CSP": (f"{PAGES}::test_every_page_is_sound",),
    "4 frames": (f"{PAGES}::test_every_page_is_sound",),
    "5 nosniff": (f"{PAGES}::test_every_page_is_sound", f"{FILES}::test_the_headers_of_a_file"),
    "6 referrer": (f"{PAGES}::test_every_page_is_sound", f"{ACCOUNT}::test_the_address_of_a_secret_page_reaches_no_other_page"),
    "7 CORS": ("negative/test_attack_list.py::test_no_answer_lets_another_site_read",),
    "8 forgery": (
        f"{ROLES}::test_no_form_from_elsewhere_does_anything",
        "web/auth/test_same_origin.py::test_only_our_own_pages_may_send_forms",
        f"{PAGES}::test_only_small_plain_forms_are_read",
    ),
    "9 files on another host": "a small index has one host name; files are attachments in a sandbox (row 5)",
    "10 redirects": ("web/auth/test_own_path.py::test_whatever_is_told_the_host_stays_ours",),
    "11 rendering": (
        "web/pages/test_words.py::test_values_are_escaped",
        "web/pages/test_public.py::test_no_metadata_breaks_out_of_its_page",
    ),
    "12 content types": (f"{FAST}::test_the_content_type_is_the_chosen_form", f"{PAGES}::test_every_page_is_sound"),
    "13 proxies": (
        f"{PROXIES}::test_a_stranger_says_nothing",
        f"{PROXIES}::test_a_garbled_header_of_a_proxy_is_refused",
        f"{FRONT}/test_who_asks.py::test_nobody_says_who_it_is_but_the_proxy",
    ),
    "14 smuggling": (
        f"{RAW}::test_a_length_that_lies_stores_nothing",
        "web/test_protocol.py::test_two_ways_to_read_a_length_are_refused",
        f"{FRONT}/test_smuggling.py::test_each_request_has_one_answer",
    ),
    "15 sizes": (f"{LEGACY}::test_a_file_that_is_too_large", "negative/test_archives.py::test_a_bomb_is_counted_not_believed"),
    "16 paths and names": (
        "storage/test_blobs.py::test_only_a_hash_is_a_name",
        f"{LEGACY}::test_a_file_name_cannot_leave_its_header",
    ),
    "17 passwords": (f"{REGISTER}::test_what_may_be_typed", f"{PASS}::test_what_is_tried_first"),
    "18 throttles": (f"{SIGN}::test_strangers_cannot_lock_anybody_out", f"{SIGN}::test_one_network_tries_few_names"),
    "19 no default account": (
        f"{MINE}::test_others_administer_nothing",
        "negative/test_attack_list.py::test_a_new_index_has_nobody_in_it",
    ),
    "20 second factors": (f"{MINE}::test_tokens_need_a_second_factor_where_it_is_asked_for", f"{ROLES}::test_who_may"),
    "21 every way in": (
        f"{SIGN}::test_closing_ends_everything",
        "usecases/accounts/test_who_may.py::test_a_session_that_is_over_is_good_for_nothing",
    ),
    "22 reset": (
        f"{PASS}::test_one_link_resets_once",
        f"{PASS}::test_links_are_over_after_an_hour",
        "usecases/letters/test_letters.py::test_mails_lead_to_our_own_address",
    ),
    "23 TOTP": (
        f"{STEP}::test_clocks_may_differ_by_one_step",
        f"{STEP}::test_codes_cannot_be_guessed",
        f"{STEP}::test_recovery_codes_are_good_once",
    ),
    "24 WebAuthn": (
        f"{KEYS}::test_what_is_refused",
        f"{STEP}::test_a_challenge_is_good_once_and_for_its_session",
        f"{STEP}::test_a_copied_key_is_refused",
    ),
    "25 sessions": (
        f"{ACCOUNT}::test_the_cookie_changes_with_every_step",
        f"{SIGN}::test_idle_sessions_end",
        f"{SIGN}::test_sessions_end_after_thirty_days",
    ),
    "26 proof again": (f"{FACTORS}::test_factors_need_proof", f"{ROLES}::test_who_may"),
    "27 objects": ("usecases/projects/test_authorisation.py::test_who_may_do_it", f"{ROLES}::test_who_may"),
    "28 tokens that say what they are": ("negative/test_tokens_keys.py::test_only_the_issuers_algorithms_exist",),
    "29 sign-in by OIDC": "people sign in with passwords and second factors here; OIDC is for jobs, not for sessions",
    "30 chance and hashes": (
        f"{SIGN}::test_old_hashes_give_way",
        "domain/test_tokens.py::test_minting_wants_a_known_prefix_and_32_bytes",
    ),
    "31 TLS": (f"{MAIL}::test_never_without_encryption", f"{MAIL}::test_never_to_a_certificate_that_nobody_vouches_for"),
    "32 what we call": (
        "parties/issuer/test_http.py::test_an_inner_address_is_never_called",
        "parties/upstream/test_http.py::test_which_addresses_may_be_connected_to",
    ),
    "33 secrets of the operator": (f"{INDEX}::test_secrets_of_the_operator_are_in_no_error",),
    "34 nothing for debugging": (
        f"{ROLES}::test_every_route_is_in_the_table",
        "web/api/test_metrics.py::test_a_stranger_sees_nothing",
    ),
    "35 secrets in addresses": (
        f"{PAGES}::test_what_is_a_persons_own_is_never_kept",
        f"{LOG}::test_paths_of_machines_are_whole_and_those_of_people_are_not",
    ),
    "36 limits of work": (
        "parties/archives/test_validators.py::test_too_much_processor_time_ends_the_process_not_the_server",
        f"{SIGN}::test_hashing_takes_turns",
    ),
    "37 fields nobody asked for": ("negative/test_attack_list.py::test_fields_that_nobody_asked_for_change_nothing",),
    "38 types": ("web/api/test_management.py::test_json_is_read_strictly", f"{FORM}::test_a_number_is_digits"),
    "39 twice": (f"{FORM}::test_what_could_mean_two_things_is_refused", "web/api/test_management.py::test_json_is_read_strictly"),
    "40 logs": (f"{LOG}::test_a_line_is_one_line_of_plain_characters", f"{SIGN}::test_the_log_tells_of_failures"),
    "41 SQL": (
        "usecases/test_search.py::test_long_questions_are_cut",
        "negative/test_forms_mutated.py::test_changed_forms_of_every_page",
    ),
    "42 sanitising": ("parties/readme/test_rendering.py::test_no_mixture_of_pieces_is_harmful",),
    "43 transactions": (
        "usecases/test_upload_meanwhile.py::test_fifty_clients_upload_different_bytes_under_one_name",
        f"{STEP}::test_a_step_is_accepted_once_by_many_at_once",
    ),
    "44 automation": (
        f"{REGISTER}::test_one_network_makes_few_accounts",
        f"{PASS}::test_one_network_forgets_few_passwords",
        "usecases/projects/test_people.py::test_invitations_are_counted",
    ),
    "45 who has an account": (
        f"{SIGN}::test_unknown_names_cost_the_same",
        f"{REGISTER}::test_a_taken_address_is_answered_like_any_other",
        f"{PASS}::test_forgetting_works_the_same",
    ),
    "46 verified addresses": (f"{MINE}::test_a_new_address_counts_once_it_is_verified", f"{REGISTER}::test_a_link_lasts_a_day"),
    "47 Host": (f"{ORIGIN}::test_only_our_own_names_are_answered", f"{PAGES}::test_a_host_that_is_not_ours_is_refused"),
    "48 fixation": (f"{COOKIE}::test_a_cookie_that_comes_twice_is_none", f"{ACCOUNT}::test_the_cookie_changes_with_every_step"),
    "49 clickjacking": (f"{PAGES}::test_every_page_is_sound",),
    "50 audit of administrators": (
        f"{MINE}::test_administrators_close_and_open",
        f"{EXCHANGE}::test_an_exchange_leaves_an_event_in_each_covered_project",
    ),
}
"""A row each, by its number in our list."""
