"""The quirks that can duplicate or lose a legal document, or stop everything, and the tests that hold each of them."""

from tests.coverage_seeds.rows import Row

_CLIENT = "tests/unit/facturatech/test_sending.py::"
_NUMBERING = "tests/unit/facturatech/test_numbering.py::"
_SILENCE = "tests/contract/test_silence.py::"
_GATEWAY = "tests/contract/test_through_the_gateway.py::"

STARRED = (
    Row(
        "000",
        "3",
        "ConsultaNumeracion makes a DEMO user productive, for ever",
        (
            f"{_NUMBERING}test_quirk_3_no_other_word_than_true_promotes_a_demo_user",
            f"{_NUMBERING}test_quirk_3_nothing_but_ranges_asks_for_it",
            "tests/simulators/test_facturatech_simulator.py::test_quirk_3_asking_promotes_a_demo_user_once_and_it_shows",
            "tests/flow/test_numbering_writes.py::test_a_demo_user_is_never_made_productive_by_these",
        ),
    ),
    Row(
        "Facturatech",
        "19",
        "a repeated number is answered as a success, whatever document has it",
        (
            f"{_CLIENT}test_quirk_19_a_number_that_another_system_used_is_a_conflict_and_never_accepted",
            f"{_SILENCE}test_the_same_bytes_again_make_no_second_document_where_that_is_declared[facturatech: invoice]",
        ),
    ),
    Row(
        "Facturatech",
        "20",
        "404 is a rejection, wrong credentials and «no such thing»; 409 is set-up",
        (
            f"{_CLIENT}test_quirk_20_a_404_with_a_rule_is_a_rejection_and_keeps_the_number",
            f"{_CLIENT}test_quirk_20_a_404_about_access_is_a_matter_of_credentials",
            f"{_SILENCE}test_another_handle_finds_nothing_of_ours[facturatech: invoice]",
            f"{_CLIENT}test_quirk_20_409_is_set_up_and_consumes_nothing",
        ),
    ),
    Row(
        "001",
        "54",
        "Factus's 409 is about another document, and says nothing of ours",
        (
            "tests/unit/factus/test_sending.py::test_another_documents_turn_blocks_this_one",
            "tests/contract/test_codes.py::test_a_documented_code_means_what_its_page_says[factus v1: 409]",
            "tests/flow/test_blocked.py::test_a_stranger_s_is_left_alone_and_a_person_is_told_what_it_is",
        ),
    ),
    Row(
        "001",
        "56",
        "a pending document is never deleted: DIAN may accept it later",
        (
            "tests/flow/test_blocked.py::test_a_pending_document_of_ours_is_sent_again_in_its_time_and_never_deleted",
            "tests/contract/test_starred.py::test_quirk_56_nothing_but_a_rejected_attempt_is_ever_discarded",
        ),
    ),
    Row(
        "Factus",
        "61",
        "v1 prices carry their tax and v2 prices do not: another dialect, the same total",
        (
            "tests/unit/factus/test_payload.py::test_v1_wants_the_price_with_its_tax_as_a_number",
            "tests/unit/factus/test_payload.py::test_v2_writes_amounts_as_text_and_prices_without_tax",
            "tests/unit/factus/test_dialects.py::test_quirk_61_the_same_document_comes_to_the_same_total_in_either_dialect",
        ),
    ),
    Row(
        "002",
        "87",
        "FacEPro has no reference and numbers by itself: a second POST is a second invoice",
        (
            "tests/flow/test_decisions.py::test_time_alone_never_sends_it_again",
            f"{_GATEWAY}test_a_lost_answer_is_settled_without_a_second_document[facepro: invoice-stored]",
            f"{_GATEWAY}test_a_lost_answer_is_settled_without_a_second_document[facepro: invoice-not stored]",
        ),
    ),
    Row(
        "002",
        "88",
        "FacEPro's 429 is the plan of a period, not a pause",
        (
            "tests/unit/facepro/test_answer.py::test_a_quota_is_not_a_pause_whatever_its_header_says",
            "tests/unit/facepro/test_calls.py::test_seed_002_status_429_waits_for_the_next_period_and_says_so",
        ),
    ),
    Row(
        "003",
        "107",
        "Afacturar's 28 is an unknown outcome",
        (
            "tests/unit/afacturar/test_events.py::test_code_28_leaves_it_in_doubt_and_the_history_settles_it",
            "tests/contract/test_codes.py::test_a_documented_code_means_what_its_page_says[afacturar: 28]",
        ),
    ),
    Row(
        "all",
        "120",
        "some providers number, for others we do: neither is demanded of the other",
        (
            "tests/contract/test_starred.py::test_quirk_120_who_numbers_is_declared_and_held_to",
            "tests/contract/test_answers.py::test_an_accepted_document_is_known_by_all_that_finds_and_proves_it",
        ),
    ),
)
