"""Files: uploaded as slack_sdk does it, seen by those who see the message, and never run."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from slack_sdk.errors import SlackApiError

from bot.playground.slack import DEFAULT_SETUP, RunningWorkspace, start_workspace
from bot.playground.slack.setup import Channel
from bot.playground.slack.uploads import PROCESSED_AFTER
from tests.playground.slack_app import client
from tests.playground.test_slack_page import ask

CHANNEL = "C0CLOUDSEC"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
ALT = "Score over 30 days: from 60 to 97 percent"


def upload(workspace: RunningWorkspace, content: bytes = PNG, **more: Any) -> Any:
    told = {"channel": CHANNEL, "filename": "score.png", "title": "Score", "alt_txt": ALT, **more}
    return client(workspace).files_upload_v2(content=content, **told)


def test_a_picture_comes_with_its_comment_into_a_thread(workspace: RunningWorkspace) -> None:
    parent = client(workspace).chat_postMessage(channel=CHANNEL, text="Digest")["ts"]

    answer = upload(workspace, thread_ts=parent, initial_comment="The last 30 days")

    shared = workspace.messages(CHANNEL)[1]
    assert (shared.thread_ts, shared.text) == (parent, "The last 30 days")
    (file,) = workspace.files(CHANNEL)
    assert (file.id, file.name, file.title, file.alt_text) == (answer["file"]["id"], "score.png", "Score", ALT)
    assert (file.content, file.mimetype) == (PNG, "image/png")
    assert ALT in shared.all_text()
    told = client(workspace).conversations_replies(channel=CHANNEL, ts=parent)["messages"][1]
    assert (told["files"][0]["alt_txt"], told["files"][0]["size"]) == (ALT, len(PNG))


def test_several_files_are_one_message(workspace: RunningWorkspace) -> None:
    two = [{"content": PNG, "filename": f"{n}.png", "title": f"{n}"} for n in (1, 2)]
    client(workspace).files_upload_v2(file_uploads=two, channel=CHANNEL)
    (message,) = workspace.messages(CHANNEL)
    assert [f.title for f in message.files] == ["1", "2"]


def test_a_repaint_keeps_the_files(workspace: RunningWorkspace) -> None:
    upload(workspace)
    posted = workspace.messages(CHANNEL)[0]
    client(workspace).chat_update(channel=CHANNEL, ts=posted.ts, text="Said again")
    assert workspace.messages(CHANNEL)[0].files == posted.files


def test_without_a_channel_nobody_sees_it(workspace: RunningWorkspace) -> None:
    upload(workspace, channel=None)
    assert workspace.messages(CHANNEL) == []


def show(workspace: RunningWorkspace, id: str) -> Any:
    block = {"type": "image", "slack_file": {"id": id}, "alt_text": ALT}
    return client(workspace).chat_postMessage(channel=CHANNEL, text=ALT, blocks=[block])


def test_a_block_shows_an_uploaded_picture_once_it_is_processed(workspace: RunningWorkspace) -> None:
    id = upload(workspace, channel=None)["file"]["id"]
    with pytest.raises(SlackApiError) as early:
        show(workspace, id)
    assert early.value.response["errors"] == ["invalid slack file [json-pointer:/blocks/0/slack_file]"]
    time.sleep(PROCESSED_AFTER)
    show(workspace, id)
    (file,) = workspace.files(CHANNEL)
    assert (file.id, file.content) == (id, PNG)
    assert picture(workspace)[0] == 200


def test_a_block_shows_no_file_that_is_unknown_or_no_picture(workspace: RunningWorkspace) -> None:
    drawing = upload(workspace, SVG, channel=None)["file"]["id"]
    time.sleep(PROCESSED_AFTER)
    for id in ("F0NOWHERE0", drawing, url_for(workspace)[0]):
        with pytest.raises(SlackApiError, match="invalid slack file"):
            show(workspace, id)
    assert workspace.messages(CHANNEL) == []


def url_for(workspace: RunningWorkspace, size: int = len(PNG)) -> tuple[str, str]:
    answer = client(workspace).files_getUploadURLExternal(filename="a.png", length=size)
    return str(answer["file_id"]), str(answer["upload_url"])


def send(url: str, content: bytes, kind: str = "application/octet-stream") -> int:
    try:
        return int(urlopen(Request(url, content, {"Content-Type": kind}), timeout=5).status)  # noqa: S310 - loopback
    except HTTPError as refused:
        return refused.code


def test_an_upload_url_takes_the_announced_bytes_once(workspace: RunningWorkspace) -> None:
    _, url = url_for(workspace)
    assert send(url, PNG + b"more") == 413
    assert send(url, PNG, "multipart/form-data; boundary=x") == 415
    assert send(url, PNG) == 200
    assert send(url, PNG) == 404
    assert send(url.rsplit("/", 1)[0] + "/guess", PNG) == 404


def refused(workspace: RunningWorkspace, method: str, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        client(workspace).api_call(method, params=arguments)
    return str(caught.value.response["error"])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"length": 5}, "invalid_arguments"),
        ({"filename": "a"}, "missing_argument"),
        ({"filename": "a", "length": 0}, "missing_argument"),
        ({"filename": "a", "length": 20_000_001}, "file_upload_size_restricted"),
        ({"filename": "a", "length": 5, "alt_txt": "x" * 1_001}, "alt_txt_too_large"),
    ],
)
def test_asking_for_a_url_is_refused(untouched: RunningWorkspace, arguments: dict[str, Any], error: str) -> None:
    assert refused(untouched, "files.getUploadURLExternal", **arguments) == error


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel_id": "C0RANDOM"}, "not_in_channel"),
        ({"channel_id": "C0NOWHERE"}, "channel_not_found"),
        ({"channel_id": "cloud-security"}, "channel_not_found"),
        ({"channel_id": "U0ALICE"}, "channel_not_found"),
        ({"channel_id": CHANNEL, "thread_ts": "1.2"}, "thread_not_found"),
        ({"thread_ts": "1.2"}, "invalid_arguments"),
        ({"channel_id": CHANNEL, "files": "[]"}, "invalid_arguments"),
        ({"channel_id": CHANNEL, "files": '[{"id": "F0"}]'}, "file_not_found"),
        ({"channels": ",".join(f"C{n}" for n in range(101))}, "channels_limit_exceeded"),
        ({"channel_id": CHANNEL, "blocks": '[{"type": "input"}]'}, "invalid_blocks"),
    ],
)
def test_sharing_is_refused_and_shares_nothing(
    workspace: RunningWorkspace, arguments: dict[str, Any], error: str
) -> None:
    id, url = url_for(workspace)
    send(url, PNG)
    files = json.dumps([{"id": id}])
    assert refused(workspace, "files.completeUploadExternal", **{"files": files, **arguments}) == error
    assert workspace.messages(CHANNEL) == []
    client(workspace).files_completeUploadExternal(files=[{"id": id}], channel_id=CHANNEL)
    assert len(workspace.files(CHANNEL)) == 1


def test_a_file_whose_bytes_never_came_or_that_was_shared_is_not_found(workspace: RunningWorkspace) -> None:
    id, url = url_for(workspace)
    complete = {"files": json.dumps([{"id": id}]), "channel_id": CHANNEL}
    assert refused(workspace, "files.completeUploadExternal", **complete) == "file_not_found"
    send(url, PNG)
    client(workspace).api_call("files.completeUploadExternal", params=complete)
    assert refused(workspace, "files.completeUploadExternal", **complete) == "file_not_found"


@pytest.fixture(scope="module")
def without_scope() -> Iterator[RunningWorkspace]:
    running = start_workspace(replace(DEFAULT_SETUP, scopes=DEFAULT_SETUP.scopes - {"files:write"}))
    yield running
    running.stop()


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
def test_both_calls_need_their_scope(without_scope: RunningWorkspace, method: str) -> None:
    assert refused(without_scope, method) == "missing_scope"


def served(workspace: RunningWorkspace, user: str, **headers: str) -> tuple[int, Any]:
    status, answered, _ = ask(workspace, f"/page/file/{user}/{workspace.files(CHANNEL)[0].id}", **headers)
    return status, answered


def test_the_page_shows_a_picture_as_what_it_is(workspace: RunningWorkspace) -> None:
    upload(workspace, filename="score.html")
    status, headers = picture(workspace)
    assert (status, headers["Content-Type"], headers["Content-Disposition"]) == (200, "image/png", None)
    assert headers["X-Content-Type-Options"] == "nosniff"
    state = json.loads(ask(workspace, "/page/state/U0ALICE", X_Page_Token=workspace.page_token)[2])
    (file,) = state["messages"][CHANNEL][0]["files"]
    assert (file["alt_text"], file["is_image"]) == (ALT, True)
    assert "content" not in file


def picture(workspace: RunningWorkspace) -> tuple[int, Any]:
    file = workspace.files(CHANNEL)[0]
    url = f"{workspace.url}page/file/U0ALICE/{file.id}"
    answer = urlopen(Request(url, headers={"X-Page-Token": workspace.page_token}), timeout=5)  # noqa: S310 - loopback
    assert answer.read() == file.content
    return answer.status, answer.headers


@pytest.mark.parametrize("name", ["evil.svg", "evil.html", "evil.png"])
def test_markup_is_never_a_picture_whatever_it_is_called(workspace: RunningWorkspace, name: str) -> None:
    upload(workspace, SVG, filename=name)
    status, headers = served(workspace, "U0ALICE", X_Page_Token=workspace.page_token)
    assert (status, headers["Content-Type"]) == (200, "application/octet-stream")
    assert headers["Content-Disposition"] == "attachment"
    assert workspace.files(CHANNEL)[0].is_image is False


def test_a_file_is_for_those_who_see_its_message() -> None:
    quiet = Channel(CHANNEL, "cloud-security", ("U0ALICE",))
    workspace = start_workspace(replace(DEFAULT_SETUP, channels=(quiet,)))
    try:
        upload(workspace, SVG)
        token = workspace.page_token
        assert served(workspace, "U0ALICE", X_Page_Token=token)[0] == 200
        assert served(workspace, "U0BOB", X_Page_Token=token)[0] == 400
        assert served(workspace, "U0ALICE")[0] == 403
        assert served(workspace, "U0ALICE", X_Page_Token=token, Origin="https://evil.example")[0] == 403
    finally:
        workspace.stop()
