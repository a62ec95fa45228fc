"""The command that checks certificates: offline, in one line a fact, and never repeating what it refused."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from signed_certificates import COVER, FORGER, LINES, SIGNER, issued, key_set

from shared.verify_certificate import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def unpacked(tmp_path):
    (tmp_path / "certificate.sd-jwt").write_text(await issued())
    (tmp_path / "keys.json").write_text(json.dumps(await key_set()))
    return tmp_path / "certificate.sd-jwt"


@pytest.fixture
async def packed(tmp_path):
    return await zipped(tmp_path / "erasure-certificate.zip")


async def zipped(path, text=None, keys=None):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", "<!doctype html>")
        archive.writestr("certificate.sd-jwt", text or await issued())
        archive.writestr("keys.json", keys or json.dumps(await key_set()))
    return path


async def fingerprint():
    return (await SIGNER.keys())[0].jwk["kid"]


async def test_a_good_certificate_is_told_fact_by_fact(unpacked, capsys):
    assert main([str(unpacked), "--fingerprint", await fingerprint()]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.splitlines() == [
        f"certificate  {COVER.jti}",
        "issued       2026-11-24 by https://privacy.spinpanel.example",
        f"signed by    {await fingerprint()}",
        "outcome      partial, asked 2026-11-20, finished 2026-11-24",
        "copies       gone by 2026-12-30",
        "case file    kept until 2031-11-25 under Article 17-3-e",
        f"audit event  {COVER.audit_event}",
        "line-01      tickets erased count=12 verified=looked_again at=2026-11-24",
        "line-02      invoices retained count=3 exemption=17-3-b until=2033-12-31",
        "line-03      calls not_erased count=2 reason=time_limit",
        "line-04      mailer acknowledged at=2026-11-24",
        f"line-05      plan {'ab' * 32}",
        "not shown    11 digests, decoys among them",
    ]


async def test_keys_that_came_with_the_certificate_are_to_be_compared(packed, capsys):
    assert main([str(packed)]) == 0
    assert "(compare with https://privacy.spinpanel.example/api/v1/keys)" in capsys.readouterr().out


async def test_a_whole_zip_is_read_as_it_was_delivered(packed, capsys):
    assert main([str(packed), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["certificate"] == COVER.model_dump(mode="json", exclude_none=True)
    assert len(told["lines"]) == len(LINES)
    assert (told["key"], told["pinned"], told["notShown"]) == (await fingerprint(), False, 11)


async def test_a_part_is_told_with_what_it_leaves_out(unpacked, capsys):
    unpacked.write_text(await issued(shown=[1]) + "\n")
    assert main([str(unpacked)]) == 0
    told = capsys.readouterr().out
    assert "line-02      invoices retained" in told
    assert "line-01" not in told
    assert "not shown    15 digests" in told


async def test_keys_that_were_chosen_count_for_more_than_those_beside_it(tmp_path, packed, capsys):
    forged = await zipped(tmp_path / "forged.zip", await issued(signer=FORGER), json.dumps(await key_set(FORGER)))
    trusted = tmp_path / "trusted.json"
    trusted.write_text(json.dumps(await key_set()))
    assert main([str(forged)]) == 0
    assert main([str(forged), "--keys", str(trusted)]) == 1
    assert main([str(forged), "--fingerprint", await fingerprint()]) == 1
    assert main([str(packed), "--keys", str(trusted)]) == 0
    assert capsys.readouterr().err.splitlines() == ["refused: key_unknown", "refused: other_key"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_certificate"),
        (b"<script>alert(1)</script>", "not_a_certificate"),
        (b"\x1b[31mred\xff", "not_a_certificate"),
        (b"PK\x03\x04 cut off", "zip_unreadable"),
        (b"x" * (1024 * 1024 + 1), "too_large"),
    ],
    ids=["empty", "markup", "terminal", "zip", "large"],
)
async def test_garbage_is_refused_in_one_line_that_repeats_nothing(unpacked, capsys, content, code):
    unpacked.write_bytes(content)
    assert main([str(unpacked)]) == 1
    assert capsys.readouterr() == ("", f"refused: {code}\n")


@pytest.mark.parametrize("names", [[], ["certificate.sd-jwt"], ["keys.json"]])
async def test_a_zip_that_lacks_something_is_refused(tmp_path, capsys, names):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in names or ["other.txt"]:
            archive.writestr(name, await issued())
    assert main([str(tmp_path / "x.zip")]) == 1
    expected = "keys_missing" if names == ["certificate.sd-jwt"] else "zip_unreadable"
    assert capsys.readouterr().err == f"refused: {expected}\n"


async def test_a_zip_that_unpacks_to_more_than_a_certificate_is_refused(tmp_path, capsys):
    bomb = await zipped(tmp_path / "bomb.zip", "a" * (20 * 1024 * 1024))
    assert bomb.stat().st_size < 100_000
    assert main([str(bomb)]) == 1
    assert capsys.readouterr().err == "refused: too_large\n"


@pytest.mark.parametrize("keys", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
async def test_a_key_set_that_is_none_is_refused(unpacked, capsys, keys):
    (unpacked.parent / "keys.json").write_bytes(keys)
    assert main([str(unpacked)]) == 1
    assert capsys.readouterr().err == "refused: keys_unreadable\n"


async def test_a_file_that_is_not_there_is_refused(unpacked, capsys):
    assert main([str(unpacked.parent / "nothing")]) == 1
    (unpacked.parent / "keys.json").unlink()
    assert main([str(unpacked)]) == 1
    assert capsys.readouterr().err.splitlines() == ["refused: file_unreadable", "refused: keys_missing"]


async def test_signs_that_would_steer_a_terminal_are_not_printed(unpacked, capsys):
    unpacked.write_text(await issued(COVER.model_copy(update={"iss": "https://a\x1b[2J\nline-09 x"})))
    assert main([str(unpacked)]) == 0
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert not any(line.startswith("line-09") for line in told.splitlines())


@pytest.mark.parametrize("given", [["--fingerprint", "-abc"], ["--fingerprint=-abc"]])
async def test_a_fingerprint_may_begin_with_a_hyphen(unpacked, capsys, given):
    assert main([str(unpacked), *given]) == 1
    assert capsys.readouterr().err == "refused: other_key\n"


async def test_it_runs_by_its_name_with_nothing_set(unpacked):
    def run(*more):
        return subprocess.run(
            [sys.executable, "-m", "shared.verify_certificate", str(unpacked), *more],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    good, bad = run("--fingerprint", await fingerprint()), run("--fingerprint", "another")
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith(f"certificate  {COVER.jti}\n")
    assert (bad.returncode, bad.stdout, bad.stderr) == (1, "", "refused: other_key\n")
