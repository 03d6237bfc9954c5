"""Every promise of docs/architecture.md, "When things go wrong", is kept by tests that are named here."""

import re
from pathlib import Path

from infra.local.repository import ROOT

# The beginning of a row's first cell -> the tests that show it, `file::function`, below tests/.
SHOWN: dict[str, tuple[str, ...]] = {
    "429 with `Retry-After`": (
        "usecases/test_budget.py::test_a_penalty_holds_for_every_worker",
        "usecases/test_faults.py::test_a_long_retry_after_puts_the_run_off_until_then",
        "usecases/test_places.py::test_throttling_without_an_end_is_written_into_the_ledger",
    ),
    "a link that leads to another host": (
        "usecases/test_places.py::test_a_link_to_another_host_is_neither_followed_nor_kept",
        "graph/test_client.py::test_a_link_to_another_host_never_gets_our_token",
    ),
    "a redirect": (
        "usecases/test_hostile.py::test_redirects_in_a_ring_end",
        "usecases/test_hostile.py::test_no_redirect_shows_our_token_to_another_host",
        "usecases/test_hostile.py::test_a_download_is_followed_without_anything_of_ours",
        "usecases/test_hostile.py::test_a_download_says_nothing_about_waiting_or_permissions",
    ),
    "an answer without end": (
        "usecases/test_hostile.py::test_a_body_without_end_is_given_up",
        "usecases/test_hostile.py::test_every_answer_to_every_question_ends_in_the_ledger",
    ),
    "5xx, reset, time-out": (
        "usecases/test_faults.py::test_lasting_trouble_puts_the_run_off_and_at_last_fails_it",
        "usecases/test_places.py::test_a_run_that_has_read_something_keeps_its_place_for_longer",
    ),
    "delta token expired": (
        "usecases/test_delta_faults.py::test_a_delta_reset_reads_everything_and_closes_what_is_gone",
    ),
    "page cut or garbage": (
        "usecases/test_faults.py::test_a_faulty_full_read_closes_nothing",
        "usecases/test_delta_faults.py::test_an_object_that_cannot_be_read_is_named_and_heals_when_it_changes",
        "usecases/test_faults.py::test_an_event_that_cannot_be_read_is_asked_for_again_for_a_day_only",
    ),
    "Graph refuses to show what belongs to one object": (
        "usecases/test_faults.py::test_a_refused_parent_does_not_keep_the_others_from_being_read",
        "usecases/test_children.py::test_a_group_whose_answer_is_always_a_trouble_is_left_out",
    ),
    "Graph says of most objects": (
        "usecases/test_children.py::test_groups_that_all_do_not_exist_are_not_believed",
    ),
    "a list comes without any object": (
        "usecases/test_strange_lists.py::test_a_list_that_is_empty_of_a_sudden_is_believed_the_second_time",
        "usecases/test_mailboxes.py::test_that_nobody_has_a_mailbox_any_more_is_believed_the_second_time",
    ),
    "a page holds an `error`": (
        "usecases/test_strange_lists.py::test_a_page_that_broke_off_closes_nothing",
    ),
    "an object goes while": (
        "usecases/test_children.py::test_members_end_with_their_group",
        "usecases/test_children.py::test_members_read_while_their_group_goes_are_not_current",
    ),
    "Graph says that the limit is nearly used": (
        "graph/test_governor.py::test_near_the_limit_nobody_sends_for_a_while",
        "graph/test_governor.py::test_what_a_request_cost_more_than_thought_is_owed",
        "graph/test_governor.py::test_the_directory_gives_a_tenant_what_its_size_is_granted",
    ),
    "the database's certificate": (
        "store/test_server_trust.py::test_a_wrong_name_and_an_expired_certificate_are_refused",
        "store/test_server_trust.py::test_another_root_is_refused",
        "store/test_server_trust.py::test_a_weaker_mode_is_raised_where_a_token_is_the_password",
    ),
    "one caller asks for all he can": (
        "api/test_starving.py::test_liveness_and_readiness_do_not_wait_behind_reports_and_exports",
        "api/test_starving.py::test_who_asks_for_more_than_his_share_is_told_when_to_come_back",
    ),
    "one caller asks for more than his quota": (
        "api/test_limits.py::test_who_has_spent_a_quota_is_told_when_the_next_window_begins",
        "api/test_limits.py::test_all_workers_count_together",
        "api/test_limits.py::test_callers_are_apart_and_so_are_addresses",
    ),
    "somebody guesses credentials": (
        "api/test_guessing.py::test_an_address_is_shut_out_on_every_worker_with_all_who_are_there",
        "infra/test_alerts_fire.py::test_an_alert_fires_when_it_should_and_for_whom",
    ),
    "limits cannot be counted": (
        "usecases/test_limit_requests.py::test_without_a_database_a_worker_lets_its_fair_part_through",
        "api/test_limits.py::test_without_a_lease_a_request_goes_on",
    ),
    "counts of requests cannot be kept": (
        "usecases/test_sample_requests.py::test_what_may_have_been_kept_is_kept_again_and_counts_once",
        "usecases/test_sample_requests.py::test_what_cannot_be_kept_in_time_is_told_as_lost",
    ),
    "a question that costs too much": (
        "store/test_slow.py::test_a_page_and_its_count_have_their_seconds_together",
        "web/test_odata.py::test_what_is_wrong_is_named",
    ),
    "many or big exports at once": (
        "web/test_http.py::test_an_export_is_compressed_as_it_is_read_and_held_once",
        "web/test_http.py::test_an_export_has_a_limit_and_the_refusal_names_the_way_out",
    ),
    "an object that cannot be kept": (
        "store/test_loader.py::test_a_row_that_the_database_cannot_hold_is_rejected_alone",
    ),
    "text that is no Unicode": ("graph/test_pages.py::test_a_lone_surrogate_is_replaced_and_its_object_counted",),
    "a row leaves out, or nulls": (
        "usecases/test_untold.py::test_a_delta_row_that_leaves_out_what_has_no_null_changes_nothing_of_it",
        "usecases/test_untold.py::test_what_was_never_told_is_unknown",
    ),
    "Entra does not answer": (
        "identity/test_credentials.py::test_an_entra_in_trouble_is_no_missing_permission",
        "identity/test_access_tokens.py::test_keys_serve_on_while_entra_is_away_but_not_for_ever",
    ),
    "the same dataset the next time": (
        "usecases/test_refused.py::test_each_dataset_costs_one_request_a_day",
        "usecases/test_refused.py::test_what_is_granted_meanwhile_is_asked_for_at_once",
        "usecases/test_refused.py::test_what_was_bought_meanwhile_is_asked_for_at_once",
    ),
    "what is read below something refused": (
        "usecases/test_collect.py::test_members_without_groups_say_so",
    ),
    "licence, permission or credential missing": (
        "graph/test_refusals.py::test_each_refusal_has_its_error",
        "identity/test_credentials.py::test_without_a_credential_the_ledger_says_which_settings_to_set",
        "usecases/test_security_datasets.py::test_what_stays_without_a_licence_is_asked_for_once_a_day",
        "usecases/test_teams.py::test_below_what_was_not_bought_there_is_no_licence_either",
    ),
    "no mailbox answers": (
        "usecases/test_mailboxes.py::test_a_tenant_without_exchange_costs_one_request_and_keeps_what_it_had",
    ),
    "a dataset that costs many requests is not switched on": (
        "usecases/test_costly.py::test_what_is_off_costs_no_request_and_one_line_a_day",
    ),
    "names concealed in usage reports": (
        "usecases/test_usage_identity.py::test_no_row_is_stored_under_a_hash_whatever_the_setting_says",
    ),
    "a write to Graph breaks off": (
        "graph/test_writing.py::test_what_was_done_behind_a_failure_is_done_once",
        "graph/test_writing.py::test_what_was_thrown_back_is_asked_for_again",
    ),
    "a download is cut": (
        "graph/test_downloading.py::test_a_cut_file_goes_on_where_it_stopped_from_a_new_address",
        "graph/test_downloading.py::test_another_file_begins_anew",
    ),
    "a usage file is cut": (
        "usecases/test_usage_identity.py::test_a_file_cut_inside_its_last_cell_is_asked_for_again_and_never_believed",
    ),
    "a usage file has a header and no line": (
        "usecases/test_usage_identity.py::test_a_header_without_lines_after_good_days_does_not_make_them_younger",
    ),
    "lines of a usage file are of different dates": (
        "usecases/test_usage_identity.py::test_a_file_of_two_dates_is_complete_for_neither",
    ),
    "usage lines without a name": (
        "usecases/test_usage_identity.py::test_mailboxes_without_a_name_are_rows_and_those_that_look_alike_are_counted",
        "usecases/test_usage_identity.py::test_a_name_given_again_is_two_mailboxes_of_which_the_living_keeps_it",
    ),
    "an event shown late": (
        "usecases/test_windows.py::test_late_events_are_found_by_looking_back",
        "usecases/test_windows.py::test_coverage_says_up_to_when_events_are_final",
        "usecases/test_windows.py::test_a_sign_in_that_ends_well_after_all_takes_the_place_of_the_interrupted_one",
    ),
    "one event listed twice": (
        "usecases/test_windows.py::test_a_sign_in_listed_twice_is_its_later_self",
        "store/test_events.py::test_of_one_event_twice_at_one_time_the_more_complete_one_stays",
    ),
    "an upgrade asks for more": (
        "usecases/test_rounds.py::test_a_property_that_is_asked_for_since_an_upgrade_is_read_of_everybody",
        "usecases/test_rounds.py::test_events_are_asked_for_again_when_the_question_has_changed",
    ),
    "delta does not tell of a change": (
        "usecases/test_rounds.py::test_what_delta_missed_is_healed_by_a_full_round_and_counted",
        "usecases/test_rounds.py::test_full_rounds_come_weekly_and_spread_over_the_tenants",
    ),
    "a page takes Graph too long": (
        "usecases/test_page_sizes.py::test_less_is_asked_for_and_remembered_and_more_tried_a_day_later",
    ),
    "Graph has to make a list first": (
        "usecases/test_jobs.py::test_a_job_is_posted_waited_for_and_read",
        "usecases/test_jobs.py::test_a_job_that_never_ends_is_given_up",
        "usecases/test_jobs.py::test_a_job_that_gives_too_little_is_asked_for_in_halves",
        "usecases/test_whole_jobs.py::test_a_worker_that_dies_after_posting_leaves_a_job_that_is_gone_on_with",
        "usecases/test_whole_jobs.py::test_jobs_that_fail_are_posted_anew_and_then_given_up",
        "usecases/test_whole_jobs.py::test_a_list_that_was_made_in_part_closes_nothing",
    ),
    "links that go round": (
        "usecases/test_rounds.py::test_links_that_go_round_end_the_run_with_that_cause",
        "usecases/test_rounds.py::test_a_run_without_end_is_ended",
    ),
    "no events for hours": (
        "usecases/test_windows.py::test_windows_without_events_do_not_walk_backwards",
    ),
    "Microsoft sends a code that is new": (
        "catalog/reports/test_identity_rules.py::test_no_row_about_mfa_contradicts_itself",
        "catalog/reports/test_identity_rules.py::test_an_interrupt_is_no_failure",
        "catalog/reports/test_conditional_rules.py::test_a_value_that_microsoft_adds_is_shown_by_its_code_and_the_effect_unknown",
    ),
    "an account with failed attempts only": (
        "catalog/reports/test_identity_rules.py::test_only_a_successful_sign_in_is_use",
        "catalog/reports/test_identity_rules.py::test_an_account_without_any_success_is_found_by_its_age",
    ),
    "Microsoft's list of registrations lacks an account": (
        "catalog/reports/test_identity_rules.py::test_every_account_has_a_row_about_mfa_the_registered_without_account_too",
    ),
    "a dataset of a report was never read": (
        "api/test_freshness.py::test_what_a_report_lacks_without_a_dataset_is_said",
    ),
    "worker, host or PostgreSQL killed": (
        "store/test_outage.py::test_rows_and_checkpoint_agree_whenever_a_worker_is_killed",
        "crash/test_kills.py::test_nothing_is_lost_or_doubled",
        "usecases/test_places.py::test_what_a_killed_worker_did_not_send_is_sent_when_its_message_comes_back",
    ),
    "a tenant is removed with messages under way": (
        "api/test_operations.py::test_a_tenant_removed_with_messages_under_way_leaves_no_dead_letter",
    ),
    "below more objects": (
        "usecases/test_daily_budget.py::test_each_day_goes_on_where_the_last_one_stopped",
        "usecases/test_daily_budget.py::test_nothing_is_closed_before_a_round_is_complete",
    ),
    "the file of a single day is empty": (
        "usecases/test_dates.py::test_a_day_that_is_not_published_yet_is_asked_for_again",
    ),
    "collect now, again and again": (
        "api/test_operations.py::test_collecting_now_again_and_again_sends_no_message_twice",
    ),
    "malformed, old-version or unknown-tenant message": (
        "usecases/test_receive.py::test_a_message_nobody_can_do_is_consumed_and_kept",
        "usecases/test_receive.py::test_a_poisoned_message_of_garbage_is_kept_too",
    ),
}  # fmt: skip


def _promises() -> list[str]:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = page.split("## When things go wrong")[1].split("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    return [row.split(" | ")[0].removeprefix("| ") for row in rows[2:]]


def test_every_promise_names_its_tests_and_every_name_a_promise() -> None:
    promises = _promises()
    assert len(promises) > 30
    untested = [row for row in promises if not any(row.startswith(start) for start in SHOWN)]
    assert untested == []
    idle = [start for start in SHOWN if not any(row.startswith(start) for row in promises)]
    assert idle == []


def test_the_tests_that_are_named_exist() -> None:
    for name in {name for names in SHOWN.values() for name in names}:
        file, _, function = name.partition("::")
        path = Path(ROOT / "tests" / file)
        assert path.is_file(), name
        assert re.search(rf"^(async )?def {function}\(", path.read_text(), re.MULTILINE), name
