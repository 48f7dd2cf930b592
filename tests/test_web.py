"""The local page and its interface for programs: over sockets, and in a browser."""

import contextlib
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import jsonschema
import pytest
import uvicorn
from openapi_spec_validator import validate as validate_openapi

from quoteattr import schema, web
from quoteattr.document import Document

ARTICLE = "Pool to close\n\nAdvertisement\n\n“We won,” said Ada Obi. She added that it was late.\n"
HOSTILE = "</textarea></style></script><script>document.title='caught'</script><img src=x onerror=\"document.title='caught'\">\u202e"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.text = response.status, response.headers, response.read().decode()

    @property
    def json(self):
        return json.loads(self.text)


def ask(port, method, path, body=None, headers=None):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, body, headers or {})
        return Answer(connection.getresponse())


def label(port, text):
    return ask(port, "POST", "/label", json.dumps({"text": text}), JSON)


@contextlib.contextmanager
def running(application):
    """The port of an application that runs in a thread."""
    config = uvicorn.Config(application, log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def port(root):
    """The port of `quoteattr serve`, in a process of its own; Ctrl-C must end it."""
    # Ctrl-C may be ignored where the tests run in the background, and a child inherits that.
    signals = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"{signals}; from quoteattr.cli import main; raise SystemExit(main(['serve', '--port', '0']))"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stderr.readline()
            yield int(re.fullmatch(r"quoteattr: listening on http://127\.0\.0\.1:(\d+)/\n", line)[1])
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
            assert process.stderr.read() == "quoteattr: interrupted\n"
        finally:
            process.kill()


@pytest.fixture(scope="module")
def limited(labeller):
    """The port of an application with narrow limits, whose labeller fails or dawdles when told to."""

    def moody(text):
        if text == "wait":
            time.sleep(1)
        if text == "fail":
            raise ZeroDivisionError
        return labeller(text)

    with running(web.app(moody, most_bytes=1000, seconds=0.4)) as port:
        yield port


# --- For programs ----------------------------------------------------------------------------------------------------


def test_label_gives_what_the_library_gives(port, labeller):
    answer = label(port, ARTICLE)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json == labeller(ARTICLE).to_dict()


def test_answers_follow_the_schema(port, root):
    for path in sorted((root / "examples" / "articles").glob("*.txt")):
        jsonschema.validate(label(port, path.read_text("utf-8")).json, schema.DOCUMENT)


@pytest.mark.parametrize("field", ["text", "quotes"])
def test_the_schema_asks_for_every_field(labeller, field):
    data = labeller(ARTICLE).to_dict()
    del data[field]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema.DOCUMENT)


def test_the_schema_refuses_other_kinds(labeller):
    data = labeller(ARTICLE).to_dict()
    data["quotes"][0]["kind"] = "sung"
    with pytest.raises(jsonschema.ValidationError, match="sung"):
        jsonschema.validate(data, schema.DOCUMENT)


def test_openapi_describes_label_with_the_schema_of_the_library(port):
    description = ask(port, "GET", "/openapi.json").json
    validate_openapi(description)
    assert list(description["paths"]) == ["/label"]
    assert description["components"]["schemas"]["Document"] == schema.DOCUMENT


@pytest.mark.parametrize(
    "text", ["", " \n", "\ud800 half a pair", "A\x00B\x7f", HOSTILE, "“" * 2000, "he said " * 2000]
)
def test_any_text_gets_its_labels(port, labeller, text):
    answer = label(port, text)
    assert answer.status == 200
    assert Document.from_dict(answer.json) == labeller(text)


def test_fifty_clients_at_once_get_their_own_answers(port, labeller):
    texts = [f"“We won {n} cups,” said Ada Obi." + " It rained." * n for n in range(50)]
    with ThreadPoolExecutor(50) as clients:
        answers = list(clients.map(lambda text: label(port, text), texts))
    assert [answer.status for answer in answers] == [200] * 50
    assert [answer.json for answer in answers] == [labeller(text).to_dict() for text in texts]


@pytest.mark.parametrize(
    ("body", "headers", "status", "words"),
    [
        ("{", JSON, 400, "this is no JSON"),
        (b"\xff", JSON, 400, "this is no JSON"),
        ("[]", JSON, 422, "there is no text"),
        ('{"texts": "x"}', JSON, 422, "there is no text"),
        ('{"text": null}', JSON, 422, "there is no text"),
        ('{"text": "x"}', {"Content-Type": "text/plain"}, 415, "'text/plain': send application/json"),
        ("x" * 1001, JSON, 413, "larger than 1,000 bytes"),
        ('{"text": "wait"}', JSON, 503, "no answer within 0.4 seconds"),
    ],
)
def test_errors_say_what_was_wrong(limited, body, headers, status, words):
    answer = ask(limited, "POST", "/label", body, headers)
    assert answer.status == status
    assert words in answer.json["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/label", 405), ("GET", "/etc/passwd", 404), ("PUT", "/", 405)]
)
def test_nothing_else_is_served(port, method, path, status):
    assert ask(port, method, path).status == status


def test_json_without_end_of_nesting_is_refused(port):
    assert ask(port, "POST", "/label", "[" * 100_000, JSON).status == 400


def test_a_defect_is_told_without_its_details():
    def broken(_text):
        raise ZeroDivisionError("secret")

    with running(web.app(broken)) as port:
        answer = label(port, "x")
    assert answer.status == 500
    assert "defect" in answer.json["error"]
    assert "secret" not in answer.text


def test_a_body_without_end_is_cut_off_while_it_is_read(limited):
    with socket.create_connection(("127.0.0.1", limited), timeout=30) as client:
        client.sendall(b"POST /label HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        client.sendall(b"Transfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024 + b"\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_does_not_come_is_not_waited_for(limited):
    with socket.create_connection(("127.0.0.1", limited), timeout=30) as client:
        client.sendall(b"POST /label HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        client.sendall(b'Content-Length: 100\r\n\r\n{"te')
        assert client.recv(1000).startswith(b"HTTP/1.1 503 ")


def test_a_client_that_leaves_is_no_defect(port):
    # What the server would say about one is seen when it ends.
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"POST /label HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        client.sendall(b'Content-Length: 100\r\n\r\n{"te')
    assert label(port, "").status == 200


def test_the_page_of_another_site_is_refused(port):
    assert ask(port, "POST", "/label", "{}", {**JSON, "Host": "evil.example"}).status == 400
    assert ask(port, "GET", "/", headers={"Host": "localhost:1"}).status == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("POST", "/"), ("GET", "/nowhere"), ("POST", "/label")])
def test_every_answer_has_safe_headers(port, method, path):
    headers = ask(port, method, path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


# --- Listening -------------------------------------------------------------------------------------------------------


def serve(root, *arguments):
    command = [sys.executable, "-m", "quoteattr", "serve", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)


def test_only_this_computer_is_let_in(port):
    with pytest.raises(OSError, match=r"refused|assign|timed out"):  # whoever listens on all addresses listens on this
        socket.create_connection(("127.0.0.2", port), timeout=5).close()


def test_a_port_in_use_is_one_sentence(root, port):
    done = serve(root, "--port", str(port))
    assert done.returncode == 2
    assert f"can't listen on 127.0.0.1, port {port} (" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_unknown_host_is_one_sentence(root):
    done = serve(root, "--host", "no.such.host.invalid")
    assert done.returncode == 2
    assert "can't listen on no.such.host.invalid, port 8000 (" in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_the_extra_the_error_says_what_to_install(root):
    code = "import sys; sys.modules['starlette'] = None; from quoteattr.cli import main; sys.exit(main(['serve']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 2
    assert "pip install 'quoteattr[web]'" in done.stderr


# --- The page --------------------------------------------------------------------------------------------------------


def post_form(port, text, path="/"):
    return ask(port, "POST", path, urlencode({"text": text}), FORM)


def test_the_form_works_without_script(port):
    answer = post_form(port, ARTICLE)
    assert answer.status == 200
    assert 'class="badge n1 s1 c1' in answer.text


def test_download_gives_the_json(port, labeller):
    answer = post_form(port, ARTICLE, "/download")
    assert answer.headers["content-disposition"] == 'attachment; filename="labelled.json"'
    assert Document.from_dict(answer.json) == labeller(ARTICLE)


def test_a_form_does_not_change_line_ends(port, labeller):
    answer = post_form(port, ARTICLE.replace("\n", "\r\n"), "/download")
    assert Document.from_dict(answer.json) == labeller(ARTICLE)


@pytest.mark.parametrize(
    ("body", "status"), [("", 422), ("words=x", 422), ("text=x&text=y", 400), ("text=" + "x" * 1000, 413)]
)
def test_errors_of_the_form_stand_on_the_page(limited, body, status):
    answer = ask(limited, "POST", "/", body, FORM)
    assert answer.status == status
    assert '<p role="alert">' in answer.text
    assert '<textarea id="text"' in answer.text


@pytest.fixture
def page(browser, port):
    browser.get(f"http://127.0.0.1:{port}/")
    return browser


def css(driver, selector):
    return driver.find_element("css selector", selector)


def wait(driver, condition):
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(driver, 30).until(condition)


def is_shown(driver):
    return driver.find_elements("css selector", "article")


def show(driver, text):
    driver.execute_script("document.getElementById('text').value = arguments[0]", text)
    css(driver, "#paste button").click()
    wait(driver, is_shown)


def test_paste_and_see(page):
    from selenium.webdriver import Keys

    css(page, "textarea").send_keys("“We won,” said Ada Obi.", Keys.CONTROL, Keys.ENTER)
    wait(page, is_shown)
    assert css(page, ".legend li").text == "1 Ada Obi person, 1 quote"
    assert css(page, ".quote").text == "We won,"


def test_the_view_is_styled_under_the_policy(page):
    show(page, ARTICLE)
    assert css(page, ".quote").value_of_css_property("background-image") != "none"
    css(page, ".f1").click()
    assert css(page, ".quote").value_of_css_property("background-image") == "none"


def test_open_a_file(page, tmp_path):
    path = tmp_path / "article.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    css(page, "input[type=file]").send_keys(str(path))
    wait(page, is_shown)
    assert css(page, "article h2").text.startswith("Pool to close")


def test_drop_a_file(page):
    page.execute_script(
        """const data = new DataTransfer();
        data.items.add(new File([arguments[0]], "article.txt", {type: "text/plain"}));
        document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));""",
        ARTICLE,
    )
    wait(page, is_shown)
    assert css(page, "article h2").text.startswith("Pool to close")


def test_copy_json(page, labeller, port):
    permissions = {
        "origin": f"http://127.0.0.1:{port}",
        "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"],
    }
    page.execute_cdp_cmd("Browser.grantPermissions", permissions)
    text = ARTICLE + "\x7f\u202e" + HOSTILE
    show(page, text)
    css(page, ".json summary").click()
    css(page, "#copy").click()
    wait(page, lambda driver: css(driver, "#copied").text == "Copied.")
    copied = page.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert Document.from_dict(json.loads(copied)) == labeller(text)


def test_download_json(page, tmp_path, labeller):
    page.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    show(page, ARTICLE)
    css(page, ".json summary").click()
    css(page, ".json button[formaction]").click()
    wait(page, lambda _: (tmp_path / "labelled.json").exists())
    assert Document.from_dict(json.loads((tmp_path / "labelled.json").read_bytes())) == labeller(ARTICLE)


def test_hostile_text_stays_text(page):
    show(page, HOSTILE + "\n\n“" + HOSTILE + "” said " + HOSTILE)
    assert page.title != "caught"
    assert page.find_elements("css selector", "img") == []
    assert HOSTILE.rstrip("\u202e") in css(page, "article").text
    assert css(page, "textarea").get_property("value").startswith(HOSTILE)


def test_too_much_text_is_told_on_the_page(page):
    page.execute_script("document.getElementById('text').value = 'word '.repeat(600000)")
    css(page, "#paste button").click()
    alert = wait(page, lambda driver: driver.find_elements("css selector", "[role=alert]"))[0]
    assert "larger than 1,000,000 bytes" in alert.text
    page.get_log("browser")  # a browser notes every answer that is an error


def test_the_page_works_without_script(page):
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.refresh()
        assert not css(page, "#choose").is_displayed()
        css(page, "textarea").send_keys("“We won,” said Ada Obi.")
        css(page, "#paste button").click()
        wait(page, is_shown)
    finally:
        page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
