"""Nothing is lost: two tabs, a server that stops, and a page that is closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.review.browser.conftest import OpenPage, watch
from tests.review.browser.serving import Served
from tests.review.browser.steps import arrives, choose, rows, titles, wait_saved

pytestmark = pytest.mark.slow


def retitle(page: Page, number: int, title: str) -> None:
    choose(page, number)
    page.fill("#title", title)
    page.press("#title", "Enter")


def second_tab(page: Page, site: Served) -> Page:
    tab = page.context.new_page()
    watch(tab, [])
    tab.goto(site.address)
    tab.wait_for_selector("body[data-state=ready]")
    return tab


def unaware(page: Page) -> None:
    """Keep the page from looking for changes of others."""
    page.route("**/api/status", lambda route: route.abort())
    page.wait_for_timeout(100)


def test_another_tab_shows_the_change_by_itself(page: Page, site: Served) -> None:
    tab = second_tab(page, site)
    retitle(tab, 2, "Of the other tab")
    page.bring_to_front()
    expect(page.locator("#list .row-item:nth-child(2) .what")).to_have_text("Of the other tab")
    expect(page.locator(".toast")).to_have_text("Changed in another tab.")


@pytest.mark.parametrize("is_in_the_list", [True, False])
def test_a_title_that_was_only_opened_does_not_undo_another_tab(
    page: Page, site: Served, is_in_the_list: bool
) -> None:
    choose(page, 2)
    if is_in_the_list:
        page.dblclick("#list .row-item:nth-child(2) .what")
        expect(page.locator("#rename")).to_be_focused()
    else:
        page.focus("#title")
    tab = second_tab(page, site)
    retitle(tab, 2, "Of the other tab")
    wait_saved(tab)
    page.bring_to_front()
    expect(page.locator("#list .row-item:nth-child(2) .what")).to_have_text("Of the other tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    wait_saved(page)
    assert site.project.chapters[1].title == "Of the other tab"
    assert site.project.n_history == 2


def test_a_title_being_typed_survives_the_change_of_another_tab(page: Page, site: Served) -> None:
    choose(page, 2)
    page.fill("#title", "Half typed")
    tab = second_tab(page, site)
    retitle(tab, 4, "Of the other tab")
    wait_saved(tab)
    page.bring_to_front()
    expect(page.locator("#list .row-item:nth-child(4) .what")).to_have_text("Of the other tab")
    expect(page.locator("#title")).to_have_value("Half typed")
    page.press("#title", "Enter")
    assert arrives(lambda: site.project.chapters[1].title == "Half typed")
    assert site.project.chapters[3].title == "Of the other tab"


def test_a_conflict_shows_both_lists_and_takes_theirs(page: Page, site: Served) -> None:
    unaware(page)
    second = titles(page)[1]
    tab = second_tab(page, site)
    retitle(tab, 1, "Theirs")
    wait_saved(tab)
    page.bring_to_front()
    retitle(page, 2, "Mine")
    expect(page.locator("#conflict")).to_be_visible()
    differing = page.locator("#theirs .differs").all_text_contents()
    assert differing == ["0:00Theirs", f"0:37.262{second}"]
    expect(page.locator("#mine .differs").last).to_contain_text("Mine")
    page.click("#take-theirs")
    expect(page.locator("#conflict")).to_be_hidden()
    assert titles(page)[0] == "Theirs"
    assert "Mine" not in titles(page)


def test_keeping_mine_can_be_undone_to_theirs(page: Page, site: Served) -> None:
    unaware(page)
    tab = second_tab(page, site)
    retitle(tab, 1, "Theirs")
    wait_saved(tab)
    page.bring_to_front()
    retitle(page, 2, "Mine")
    page.click("#keep-mine")
    expect(page.locator("#conflict")).to_be_hidden()
    expect(page.locator("#list .row-item:nth-child(2) .what")).to_have_text("Mine")
    expect(page.locator("#undo")).to_be_enabled()
    assert arrives(lambda: site.project.chapters[1].title == "Mine")
    page.click("#undo")
    expect(page.locator("#list .what").first).to_have_text("Theirs")


def test_what_cannot_be_saved_is_kept_and_sent_again(page: Page, site: Served) -> None:
    def refuse(route: Route) -> None:
        route.abort()

    page.route("**/api/chapters", refuse)
    retitle(page, 2, "First try")
    expect(page.locator("#saved")).to_have_text("Not saved")
    retitle(page, 3, "Second try")
    assert titles(page)[1:3] == ["First try", "Second try"]
    page.unroute("**/api/chapters", refuse)
    page.click("#retry")
    wait_saved(page)
    assert [each.title for each in site.project.chapters][1:3] == ["First try", "Second try"]
    assert site.project.n_history == 3


def test_a_lost_answer_is_no_conflict(page: Page, site: Served) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/chapters", lose)
    retitle(page, 2, "Saved all the same")
    expect(page.locator("#saved")).to_have_text("Not saved")
    page.unroute("**/api/chapters", lose)
    page.click("#retry")
    wait_saved(page)
    expect(page.locator("#conflict")).to_be_hidden()
    assert site.project.chapters[1].title == "Saved all the same"
    assert site.project.n_history == 2


def test_a_full_disk_is_reported_in_the_words_of_the_server(page: Page) -> None:
    error = {"error": {"what": "cannot write the file", "why": "No space left", "hint": ""}}
    page.route("**/api/chapters", lambda route: route.fulfill(status=503, json=error))
    retitle(page, 2, "Another")
    expect(page.locator(".toast")).to_contain_text("Cannot write the file. No space left")
    expect(page.locator("#saved")).to_have_text("Not saved")


def test_what_the_server_refuses_is_taken_back(page: Page) -> None:
    before = rows(page)
    error = {"error": {"what": "not possible", "why": "", "hint": ""}}
    page.route("**/api/chapters", lambda route: route.fulfill(status=400, json=error))
    retitle(page, 2, "Another")
    expect(page.locator(".toast")).to_contain_text("Not possible")
    assert rows(page) == before


def test_what_was_done_while_the_program_was_away_is_saved_in_its_next_run(
    page: Page, site: Served
) -> None:
    first = site.review.keys.token
    site.review.keys.token = "another-run"
    retitle(page, 2, "Done meanwhile")
    expect(page.locator("#saved")).to_have_text("Not connected")
    retitle(page, 3, "And this")
    assert titles(page)[1:3] == ["Done meanwhile", "And this"]
    page.goto(site.address.replace(first, "another-run"))
    wait_saved(page)
    assert page.url.endswith("/")
    assert titles(page)[1:3] == ["Done meanwhile", "And this"]
    assert [each.title for each in site.project.chapters][1:3] == ["Done meanwhile", "And this"]


def test_the_next_run_of_another_file_gets_nothing_of_this_one(page: Page, site: Served) -> None:
    def rename(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "name": "other.mp4"})

    first = site.review.keys.token
    site.review.keys.token = "another-run"
    retitle(page, 2, "Of the lecture")
    expect(page.locator("#saved")).to_have_text("Not connected")
    page.route("**/api/project", rename)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(site.address.replace(first, "another-run"))
    expect(page.locator("#facts")).to_contain_text("other.mp4")
    assert site.project.chapters[1].title != "Of the lecture"
    assert site.project.n_history == 1


def test_a_title_still_being_typed_is_saved_when_the_page_closes(page: Page, site: Served) -> None:
    choose(page, 2)
    page.fill("#title", "Half typed")
    page.close(run_before_unload=True)
    assert arrives(lambda: site.project.chapters[1].title == "Half typed")


def test_a_nudge_is_saved_when_the_page_closes_at_once(page: Page, site: Served) -> None:
    choose(page, 2)
    before = site.project.chapters[1].start
    page.keyboard.press("]")
    page.close(run_before_unload=True)
    assert arrives(lambda: site.project.chapters[1].start > before)


def test_many_quick_changes_are_saved_in_order(page: Page, site: Served) -> None:
    choose(page, 2)
    for number in range(30):
        page.fill("#title", f"Title {number}")
        page.press("#title", "Tab")
        page.focus("#title")
    assert arrives(lambda: site.project.chapters[1].title == "Title 29")
    assert site.project.n_history == 31


def test_a_stopped_program_is_noticed(open_page: OpenPage, site: Served) -> None:
    page = open_page(site.address)
    page.route("**/api/*", lambda route: route.abort())
    expect(page.locator("#saved")).to_have_text("Not connected")
