"""Route templates and their constraints."""

import pytest

from devhost.host.errors import ConfigurationError
from devhost.host.templates import compile_template, decode_path


@pytest.mark.parametrize(
    ("template", "path", "parameters"),
    [
        ("items", "items", {}),
        ("items", "ITEMS", {}),
        ("items", "items/1", None),
        ("items/{id}", "items/1", {"id": "1"}),
        ("items/{id}", "items", None),
        ("items/{id?}", "items", {}),
        ("items/{id?}", "items/7", {"id": "7"}),
        ("items/{id=3}", "items", {"id": "3"}),
        ("items/{id:int=3}", "items", {"id": "3"}),
        ("items/{id:int=3}", "items/x", None),
        ("files/{*rest}", "files", {}),
        ("files/{*rest}", "files/a/b", {"rest": "a/b"}),
        ("files/{**rest}", "files/a/b", {"rest": "a/b"}),
        ("files/{name}.{kind}", "files/a.txt", {"name": "a", "kind": "txt"}),
        ("a.c", "abc", None),
        ("{id:guid}", "3F2504E0-4F89-11D3-9A0C-0305E82C3301", {"id": "3F2504E0-4F89-11D3-9A0C-0305E82C3301"}),
        ("{id:guid}", "3f2504e04f8911d39a0c0305e82c3301", {"id": "3f2504e04f8911d39a0c0305e82c3301"}),
        ("{id:guid}", "3f2504e0-4f89-11d3-9a0c-0305e82c330", None),
        ("{id:guid}", "{3f2504e0-4f89-11d3-9a0c-0305e82c3301", None),
        ("{n:int}", "-5", {"n": "-5"}),
        ("{n:int}", "2147483648", None),
        ("{n:int}", "٣", None),
        ("{n:long}", "2147483648", {"n": "2147483648"}),
        ("{b:bool}", "True", {"b": "True"}),
        ("{b:bool}", "yes", None),
        ("{d:datetime}", "2026-11-23", {"d": "2026-11-23"}),
        ("{d:datetime}", "soon", None),
        ("{f:decimal}", "1.5", {"f": "1.5"}),
        ("{f:double}", "1_5", None),
        ("{f:float}", "nan", None),
        ("{w:alpha}", "abC", {"w": "abC"}),
        ("{w:alpha}", "abc1", None),
        ("{w:length(3)}", "abc", {"w": "abc"}),
        ("{w:length(3)}", "ab", None),
        ("{w:length(2,3)}", "abc", {"w": "abc"}),
        ("{w:minlength(2)}", "a", None),
        ("{w:maxlength(2)}", "abc", None),
        ("{n:min(5)}", "4", None),
        ("{n:max(5)}", "5", {"n": "5"}),
        ("{n:max(5)}", "x", None),
        ("{n:range(1,5)}", "6", None),
        (r"{w:regex(^\d{{2}}-[ab]$)}", "12-b", {"w": "12-b"}),
        (r"{w:regex(^\d{{2}}-[ab]$)}", "123-b", None),
        ("{n:int:min(5)}", "6", {"n": "6"}),
        ("{w:required}", "x", {"w": "x"}),
        ("", "", {}),
    ],
)
def test_a_template_matches(template, path, parameters):
    assert compile_template(template).match(path) == parameters


@pytest.mark.parametrize(
    "template",
    ["a//b", "{id", "id}", "{}", "{id:nonsense}", "{id:min(x)}", "{id:min}", "{id}/{id}", "{a?}/b", "{w:regex([)}"],
)
def test_a_malformed_template_is_refused(template):
    with pytest.raises(ConfigurationError):
        compile_template(template)


def test_an_encoded_slash_stays_encoded():
    assert decode_path(b"/a%2fb/c%20d%C3%A9") == "/a%2Fb/c dé"
