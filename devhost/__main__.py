"""The local stack's commands: python -m devhost up | token | seed | mail."""

import argparse
import asyncio
import sys
from pathlib import Path

from devhost import commands
from devhost.errors import StackError
from devhost.settings import parse_settings
from devhost.up import Options, up

PROJECT = Path(__file__).parent.parent
WRONG = 2


def main() -> int:
    """Run one command; what goes wrong is told in one line."""
    asked = _parser().parse_args()
    try:
        asked.run(asked)
    except StackError as error:
        print(f"devhost: {error}", file=sys.stderr)
        return WRONG
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        """Tell a wrong option in one line."""
        self.exit(WRONG, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="devhost", description="The local stack: the app with everything it needs, on this machine.")
    actions = parser.add_subparsers(required=True, metavar="COMMAND")
    folder = _Parser(add_help=False)
    folder.add_argument("--data", type=Path, default=PROJECT / ".data", metavar="DIR", help="data folder (.data)")

    start = actions.add_parser("up", parents=[folder], help="run the stack until Ctrl-C")
    start.add_argument("--port", type=_port, default=7071, help="the app's port (7071)")
    start.add_argument("--app", type=Path, default=PROJECT, metavar="DIR", help="folder of function_app.py")
    start.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="add or replace an app setting")
    start.add_argument("--quiet", action="store_true", help="do not show invocations")
    start.set_defaults(run=_up)

    token = actions.add_parser("token", parents=[folder], help="print a bearer token")
    token.add_argument("--tenant", required=True, help="short name or GUID")
    caller = token.add_mutually_exclusive_group(required=True)
    caller.add_argument("--user", default="", help="short name or GUID of a person")
    caller.add_argument("--app", default="", metavar="CLIENT", help="GUID of a program that calls in its own name")
    token.add_argument("--role", action="append", default=[], help="a role in the token; may be repeated")
    token.set_defaults(run=commands.token)

    seed = actions.add_parser("seed", parents=[folder], help="load the sample company")
    seed.set_defaults(run=commands.seed)

    mail = actions.add_parser("mail", parents=[folder], help="list the mail that was sent")
    mail.add_argument("--to", default="", metavar="ADDRESS", help="only mail to this address")
    shape = mail.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="as JSON")
    shape.add_argument("--show", type=int, metavar="N", help="print message N of the list")
    mail.set_defaults(run=commands.mail)
    return parser


def _port(given: str) -> int:
    port = int(given)
    if not 1 <= port <= 65535:
        raise ValueError(given)
    return port


def _up(asked: argparse.Namespace) -> None:
    app = asked.app.resolve()
    options = Options(port=asked.port, data=asked.data, app=app, settings=parse_settings(asked.set), quiet=asked.quiet)
    asyncio.run(up(options))


if __name__ == "__main__":
    sys.exit(main())
