"""What a run left."""


class Result:
    """status (negative: killed by that signal), stdout, stderr, messages, the exit status that was announced."""

    def __init__(self, status, stdout, stderr, messages=(), announced=None):
        self.status, self.stdout, self.stderr = status, stdout, stderr
        self.messages, self.announced = list(messages), announced

    def of_type(self, kind):
        return [message for message in self.messages if message["type"] == kind]

    def _only(self, kind):
        (message,) = self.of_type(kind)
        return message[kind]

    @property
    def value(self):
        return self._only("value")

    @property
    def error(self):
        return self._only("error")

    @property
    def variables(self):
        return self._only("variables")

    @property
    def displays(self):
        return [message["data"] for message in self.of_type("display")]

    @property
    def results(self):
        return {message["name"]: message["value"] for message in self.of_type("result")}

    @property
    def warnings(self):
        return [message["message"] for message in self.of_type("warning")]

    @property
    def progress(self):
        return [(message["fraction"], message["message"]) for message in self.of_type("progress")]


class ReadResult(Result):
    """One whose error is read from stderr, because no message brings it."""

    error = None

    def __init__(self, *result, error):
        super().__init__(*result)
        self.error = error
