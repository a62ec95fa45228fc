"""Route templates of ASP.NET: literals, `{parameter:constraint}`, optional, defaulted and catch-all parameters."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from devhost.host.constraints import Constraint, constraint
from devhost.host.errors import ConfigurationError

_NAME = re.compile(r"\*{0,2}([A-Za-z_]\w*)")
_ENCODED_SLASH = re.compile(r"%2f", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled route template."""

    pattern: re.Pattern[str]
    constraints: dict[str, tuple[Constraint, ...]]
    defaults: dict[str, str]

    def match(self, path: str) -> dict[str, str] | None:
        """The parameters of a decoded path without slashes at its ends, or None when it does not fit."""
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        parameters = {name: text for name, text in found.groupdict().items() if text is not None}
        for name, checks in self.constraints.items():
            if name in parameters and not all(check(parameters[name]) for check in checks):
                return None
        return self.defaults | parameters


def decode_path(raw: bytes) -> str:
    """Decode a request's path as the real host does: percent-encoded slashes stay encoded."""
    text = raw.decode("ascii", "replace")
    return _ENCODED_SLASH.sub("%2F", "%2F".join(unquote(part) for part in _ENCODED_SLASH.split(text)))


def compile_template(template: str) -> Template:
    """Compile a template.

    Raises:
        ConfigurationError: The template is malformed.
    """
    constraints: dict[str, tuple[Constraint, ...]] = {}
    defaults: dict[str, str] = {}
    expression = ""
    segments = [_split(segment, template) for segment in _segments(template)]
    for index, parts in enumerate(segments):
        body = ""
        may_be_absent = False
        for part in parts:
            if not part.startswith("{"):
                body += re.escape(part)
                continue
            name, rest, optional, default = _parameter(part, template)
            if name in constraints:
                raise ConfigurationError(f"route {template!r} names {name!r} twice")
            constraints[name] = tuple(constraint(text) for text in rest)
            catch_all = part.startswith("{*")
            if (catch_all or optional or default is not None) and (len(parts) > 1 or index < len(segments) - 1):
                raise ConfigurationError(f"route {template!r}: {part} may only be the whole last segment")
            if default is not None:
                defaults[name] = default
            may_be_absent = catch_all or optional or default is not None
            body += f"(?P<{name}>{'.*' if catch_all else '[^/]+'})"
        slash = "/" if index else ""
        expression += f"(?:{slash}{body})?" if may_be_absent else slash + body
    return Template(re.compile(expression, re.IGNORECASE | re.DOTALL), constraints, defaults)


def _segments(template: str) -> list[str]:
    """Split at the slashes that stand outside of braces."""
    parts, depth, current = [], 0, ""
    for letter in template:
        depth += (letter == "{") - (letter == "}")
        if letter == "/" and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += letter
    if depth:
        raise ConfigurationError(f"route {template!r} has unbalanced braces")
    parts.append(current)
    if parts == [""]:
        return []
    if "" in parts:
        raise ConfigurationError(f"route {template!r} has an empty segment")
    return parts


def _split(segment: str, template: str) -> list[str]:
    """Split one segment into its literals and parameters."""
    parts, depth, current = [], 0, ""
    for letter in segment:
        if letter == "{":
            if depth == 0 and current:
                parts.append(current)
                current = ""
            depth += 1
        current += letter
        if letter == "}":
            depth -= 1
            if depth < 0:
                raise ConfigurationError(f"route {template!r} has unbalanced braces")
            if depth == 0:
                parts.append(current)
                current = ""
    return [*parts, current] if current else parts


def _parameter(part: str, template: str) -> tuple[str, list[str], bool, str | None]:
    """Take `{name:constraint:constraint=default?}` apart."""
    inner = part[1:-1]
    optional = inner.endswith("?")
    inner = inner.removesuffix("?").replace("{{", "{").replace("}}", "}")
    name, *texts = _outside_parentheses(inner, ":")
    default: str | None = None
    if len(pieces := _outside_parentheses(texts[-1] if texts else name, "=")) > 1:
        default = "=".join(pieces[1:])
        if texts:
            texts[-1] = pieces[0]
        else:
            name = pieces[0]
    match = _NAME.fullmatch(name)
    if match is None:
        raise ConfigurationError(f"route {template!r}: {part} is no parameter")
    return match[1], texts, optional, default


def _outside_parentheses(text: str, separator: str) -> list[str]:
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == separator and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
