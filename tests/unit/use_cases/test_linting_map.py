"""The lint names what nobody decided, by dataset and field; the project's own map leaves nothing open."""

import re
from pathlib import Path

import pytest

from shared.adapters.yaml_data_map import build
from shared.connectors import discover
from shared.data_map_check import main
from shared.domain.errors import DataMapInvalid
from shared.use_cases.linting_map import findings

TEXT = (Path(__file__).parents[3] / "data_map.yaml").read_text("utf-8")
CONNECTORS = {kind: factory(None) for kind, factory in discover().items()}
FIRST_USER = "dataset directory-users: "


def found(text):
    return list(findings(build(text, "map.yaml", CONNECTORS)))


def changed(old, new):
    """The project's map with the first of something changed."""
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def test_the_projects_own_map_leaves_nothing_open():
    assert found(TEXT) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(
            "givenName, category: user.name.first, origin: others, rectify",
            "givenName, category: user.name.first, rectify",
            FIRST_USER + "field givenName: origin: ",
            id="no-origin",
        ),
        pytest.param(
            "givenName, category: user.name.first, origin: others, rectify: checked",
            "givenName, category: user.name.first, origin: others",
            FIRST_USER + "field givenName: rectify: ",
            id="no-correction",
        ),
        pytest.param("        review: false\n", "", FIRST_USER + "review: ", id="no-review"),
        pytest.param("        erasure: { action: delete }\n", "", FIRST_USER + "erasure: ", id="no-erasure"),
        pytest.param(
            "        subjects: [user, customer]\n", "", FIRST_USER + "subjects: whom it is about", id="no-subjects"
        ),
        pytest.param(
            "subjects: [user, customer]", "subjects: []", FIRST_USER + "subjects: whom it is about", id="empty-subjects"
        ),
        pytest.param(
            "    contact: privacy+platform@spinpanel.com\n", "", "service directory: contact: ", id="no-contact"
        ),
        pytest.param(
            "            id: administrators\n",
            "            id: admins\n",
            FIRST_USER + "recipients: a customer's data",
            id="no-administrators",
        ),
        pytest.param(
            "            id: microsoft\n",
            "",
            FIRST_USER + "recipients: Microsoft Ireland Operations Ltd.: without an id",
            id="recipient-without-id",
        ),
        pytest.param(
            "            country: IE\n",
            "            country: US\n",
            FIRST_USER + "recipients: Microsoft Ireland Operations Ltd.: outside the EEA",
            id="no-safeguard",
        ),
        pytest.param(
            "services:\n      [directory,",
            "services:\n      [director,",
            "processor Microsoft Ireland Operations Ltd.: services: director is not there",
            id="unknown-service",
        ),
        pytest.param("[newsletter]", "[website]", "service newsletter: no processor is named", id="no-processor"),
    ],
)
def test_what_is_left_open_is_named(old, new, told):
    assert any(one.startswith(told) for one in found(changed(old, new)))


def test_a_credential_that_would_be_handed_over_is_named():
    open_secret = re.sub(r"(name: recoveryKey, category: \S+) withhold: \*credential,", r"\1", TEXT)
    assert found(open_secret) == [
        "dataset registered-devices: field recoveryKey: withhold: a credential is never handed over"
    ]


def test_a_profile_that_nobody_could_object_to_is_named():
    start = TEXT.index("      - id: suitability-assessments")
    bound = TEXT[:start] + TEXT[start:].replace("legal_basis: A6-1-f", "legal_basis: A6-1-b", 1)
    assert [one.partition(" (")[0] for one in found(bound)] == [
        "dataset suitability-assessments: profiling: nobody could object to it on this legal basis"
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(
            "givenName, category: user.name.first", "givenName", r"directory-users: fields\.2\.category", id="category"
        ),
        pytest.param("connector: azure_tables", "connector: fax", "service directory: no such connector", id="kind"),
        pytest.param("    connector: azure_tables\n", "", r"services\.0\.connector: Field required", id="no-connector"),
        pytest.param(
            "id: repair, en: Finding and repairing failures",
            "id: repair, en: Spying",
            "purpose repair of dataset server-logs says something else elsewhere",
            id="purpose",
        ),
    ],
)
def test_what_no_map_can_do_without_is_refused(old, new, told):
    told = told.replace("directory-users: fields", r"datasets\.0\.fields")
    with pytest.raises(DataMapInvalid, match=told):
        found(changed(old, new))


def test_the_command_tells_each_in_a_line_of_its_own(tmp_path, capsys):
    file = tmp_path / "map.yaml"
    file.write_text(changed("        review: false\n        erasure: { action: delete }\n", ""))
    assert main([str(file)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 2
    assert all(line.startswith(FIRST_USER) for line in said.err.splitlines())
