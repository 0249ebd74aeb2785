"""A headless Chromium, driven over a pipe by its DevTools protocol: open a page, ask it, photograph it."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

START_SECONDS_MAX = 60
ANSWER_SECONDS_MAX = 240


class Browser:
    """One browser with one page; a context manager that leaves nothing behind."""

    def __init__(self):
        self.program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        self.buffer, self.events, self.number, self.session = b"", [], 0, None

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="segmenter-browser-")
        theirs_in, self.write_end = os.pipe()
        self.read_end, theirs_out = os.pipe()
        # Above the numbers they are to have, so that none is closed before it is copied.
        high = [os.dup2(fd, 100 + place) for place, fd in enumerate((theirs_in, theirs_out))]

        def place_pipes():
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        command = [
            self.program, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.profile}",
            "--disable-gpu", "--disable-extensions", "--disable-background-networking", "--no-first-run",
            "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb", "--mute-audio"]
        if os.geteuid() == 0:
            command.append("--no-sandbox")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=place_pipes, pass_fds=(3, 4), start_new_session=True)
        for fd in [theirs_in, theirs_out, *high]:
            os.close(fd)
        target = self.ask("Target.createTarget", url="about:blank", seconds=START_SECONDS_MAX)["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")
        return self

    def __exit__(self, *_):
        try:
            self.session = None
            self.ask("Browser.close", seconds=10)
            self.process.wait(10)
        except (OSError, RuntimeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        for fd in (self.read_end, self.write_end):
            os.close(fd)
        shutil.rmtree(self.profile, ignore_errors=True)

    def ask(self, method, seconds=ANSWER_SECONDS_MAX, **parameters):
        """The answer to a command."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write_end, data):]
        end = time.monotonic() + seconds
        while True:
            answer = self._message(end, method)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer.get("method"))

    def _message(self, end, what):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read_end], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise RuntimeError(f"the browser did not answer `{what}` in time")
            data = os.read(self.read_end, 1 << 20)
            if not data:
                raise RuntimeError(f"the browser ended before it answered `{what}`")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def open(self, url, width=1400, height=900, dark=False):
        """Loads a page in a window of a width, light or dark."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        scheme = "dark" if dark else "light"
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        self.ask("Page.navigate", url=url)
        end = time.monotonic() + ANSWER_SECONDS_MAX
        while "Page.loadEventFired" not in self.events:
            self.events.append(self._message(end, "load").get("method"))

    def value(self, expression):
        """What an expression, or the promise that it gives, comes to in the page."""
        result = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:600])
        return result["result"].get("value")

    def photograph(self, path, top=0, height=None):
        """Writes a picture of the page, or of a strip of it."""
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {
            "x": 0, "y": top, "width": size["width"], "height": min(height or 16000, size["height"] - top), "scale": 1}
        data = self.ask("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
