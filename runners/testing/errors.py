"""What the manifest's patterns find in stderr."""
import re


def _python_pattern(pattern):
    return re.compile(re.sub(r"\(\?<(?=\w)", "(?P<", pattern), re.MULTILINE)


def read_error(language, stage, stderr):
    """The first match of a compiler, the last of a program, or None; frames from there to the end, as printed."""
    entries = language.manifest.get("errors", {}).get(stage, [])
    found = [(match, entry) for entry in entries for match in _python_pattern(entry["pattern"]).finditer(stderr)]
    if not found:
        return None
    match, entry = (min if stage == "compile" else max)(found, key=lambda pair: pair[0].start())
    error = {"type": entry.get("type"), "line": None, **match.groupdict()}
    frame = _python_pattern(entry["frame"]) if "frame" in entry else None
    frames = [f.groupdict() for f in frame.finditer(stderr, match.start())] if frame else []
    # A frame without a line is none of the program's.
    error["frames"] = [(f["file"], int(f["line"]), f["function"]) for f in frames if f["line"]]
    return {**error, "line": error["line"] and int(error["line"])}
