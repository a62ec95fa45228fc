"""Whatever people, operators, customers, clocks and the bus do, in whichever order: every request comes to an end."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from builders import CONTOSO, MIRA, NOBODY, session_of
from customers import administrator
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from legal_world import WORDS, LegalWorld

from shared import wiring
from shared.domain.ask import Ask, Correction
from shared.domain.deadline import legal_due_day
from shared.domain.errors import PrivacyError
from shared.domain.request import Entry, Request, RequestId
from shared.domain.states import State
from shared.messages.decision_inputs import ConfirmVerdict, ProposeVerdict
from shared.messages.inputs import ClearDoubt, SubmitRequest
from shared.messages.tenant_inputs import DecideCase
from shared.use_cases.caller import Caller

RIGHTS = ("withdraw_consent", "objection", "restriction", "access", "portability", "rectification", "erasure")
MOST_ROUNDS = 40
GROUND = "manifestly_excessive"


class EveryCourse(RuleBasedStateMachine):
    """Requests of one person, and everything that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.ids: list[RequestId] = []
        self.delivered: list = []

    def run(self, work):
        """Run one call to its end; what the system refuses is refused, and changes nothing that the invariants miss."""
        with suppress(PrivacyError):
            return self.loop.run_until_complete(work)
        return None

    @initialize()
    def a_world(self):
        self.world = LegalWorld("controller", "contract")
        self.services = self.world.services
        self.run(self.world.known_customer())

    @precondition(lambda self: len(self.ids) < 3)
    @rule(
        rights=st.sets(st.sampled_from(RIGHTS), min_size=1, max_size=3), signed_in=st.booleans(), checked=st.booleans()
    )
    def ask(self, rights, signed_in, checked):
        field, value = ("score", "3") if checked else ("name", "Kovačić")
        correction = Correction(dataset="controller-contract", field=field, value=value)
        details = {"rectification": Ask(corrections=(correction,))} if "rectification" in rights else {}
        email = None if signed_in else MIRA.email
        submitted = SubmitRequest(rights=tuple(sorted(rights)), details=details, email=email)
        caller = MIRA.caller() if signed_in else NOBODY
        request = self.run(self.services.submit(submitted, caller, "en", "api", b"{}", None))
        assert request is not None
        self.ids.append(request.id)

    @rule(most=st.integers(1, 12), times=st.integers(1, 2))
    def deliver(self, most, times):
        for command in self.services.bus.deliver()[:most]:
            for _ in range(times):
                self._deliver(command)

    @rule()
    def lose_everything_on_the_bus(self):
        self.services.bus.deliver()

    @rule(again=st.integers(0, 200))
    def deliver_an_old_message_again(self, again):
        if self.delivered:
            self._deliver(self.delivered[again % len(self.delivered)])

    @rule(hours=st.sampled_from([0.1, 1, 30, 24 * 6, 24 * 12]))
    def let_time_pass(self, hours):
        self.run(self.services.sweep(hours=hours))

    @precondition(lambda self: self.ids)
    @rule(which=st.integers(0, 5))
    def prove(self, which):
        request = self._one(which)
        if request.verification is not None:
            code = self.services.references.code(request.id, request.verification.issue)
            self.run(self.services.confirm_identity(request.id, code))

    @precondition(lambda self: self.ids)
    @rule(which=st.integers(0, 5))
    def withdraw(self, which):
        self.run(self.services.withdraw_request(self._owner(self._one(which).id), self._one(which).id))

    @precondition(lambda self: self.ids)
    @rule(which=st.integers(0, 5))
    def stop(self, which):
        request = self._one(which)
        secret = self.services.references.stop_secret(request.id)
        self.run(self.services.stopping_requests(NOBODY, request.id, secret))

    @precondition(lambda self: self.ids)
    @rule(which=st.integers(0, 5), refused=st.booleans(), whole=st.booleans(), confirmed=st.booleans())
    def decide(self, which, refused, whole, confirmed):
        request = self._one(which)
        waiting = [None] if whole else request.undecided
        for part in waiting[:1]:
            self._verdict(request, part, refused=refused or whole, confirmed=confirmed)

    @precondition(lambda self: self.ids)
    @rule(which=st.integers(0, 5), outcome=st.sampled_from(["granted", "refused"]))
    def customer_decides(self, which, outcome):
        self._customer(self._one(which), outcome)

    @precondition(lambda self: self.ids)
    @rule(which=st.integers(0, 5))
    def extend(self, which):
        self.run(self.services.extending(self.world.olga, self._one(which).id, "complexity"))

    @precondition(lambda self: self.ids)
    @rule(which=st.integers(0, 5))
    def ask_for_clarification(self, which):
        self.run(self.services.clarifying.ask(self.world.olga, self._one(which).id, "Which account do you mean?"))

    @precondition(lambda self: self.ids)
    @rule(which=st.integers(0, 5))
    def clarify(self, which):
        self._clarify(self._one(which))

    @invariant()
    def no_clock_is_broken(self):
        for request in self._all():
            if request.extension is None and not request.pauses:
                assert request.due_at <= request.received_at + timedelta(days=31)
            paused = sum(((one.answered_at or one.asked_at) - one.asked_at for one in request.pauses), timedelta(0))
            latest = legal_due_day(request.received_at.date(), 3) + paused + timedelta(days=7)
            assert request.due_at.date() <= latest
            assert (request.ended_at is not None) == request.state.is_final

    @invariant()
    def every_history_is_whole(self):
        for request_id in self._ids():
            head = ""
            for place, line in enumerate(self.loop.run_until_complete(self.services.requests.history(request_id)), 1):
                assert line == Entry.chained(head, place, line)
                head = line.hash

    def teardown(self):
        """Let everybody do what is theirs to do: then every request ends, and no old message changes it any more."""
        try:
            if hasattr(self, "services"):
                self._everybody_does_their_duty()
        finally:
            wiring.override(None)
            self.loop.close()

    def _everybody_does_their_duty(self):
        for _ in range(MOST_ROUNDS):
            self._drain()
            waiting = [one for one in self._all() if not one.state.is_final]
            if not waiting:
                break
            for request in waiting:
                self._duty(request)
            self._drain()
            self.run(self.services.sweep(hours=26))
        stuck = [(one.state, one.attention, one.parts) for one in self._all() if not one.state.is_final]
        assert not stuck
        ends = {one.id: (one.state, [part.state for part in one.parts]) for one in self._all()}
        for command in list(self.delivered):
            self._deliver(command)
        assert {one.id: (one.state, [part.state for part in one.parts]) for one in self._all()} == ends

    def _duty(self, request: Request):
        match request.state:
            case State.IDENTITY_PENDING:
                self.run(self.services.resend_code(request.id))
                issue = self._read(request.id).verification.issue
                code = self.services.references.code(request.id, issue)
                self.run(self.services.confirm_identity(request.id, code))
            case State.DOUBTED:
                for one in (self.world.olga, self.world.otto):
                    self.run(self.services.clearing_doubts(one, request.id, ClearDoubt(reason=WORDS)))
            case State.CLARIFYING:
                self._clarify(request)
            case State.FORWARDED:
                self._customer(request, "granted")
            case State.DECIDING:
                for part in request.undecided:
                    self._verdict(request, part, refused=False, confirmed=True)
            case State.HALTED:
                self.run(self.services.oversee_erasures.plan_anew(self.world.olga, request.id))
            case State.APPROVAL_PENDING:
                plan = request.erasure.plan_hash
                self.run(self.services.oversee_erasures.approve(self.world.olga, request.id, plan))
            case State.HANDED_OVER:
                self.run(self.services.own_erasure.waive_copy(self._owner(request.id), request.id))

    def _verdict(self, request: Request, part: int | None, *, refused: bool, confirmed: bool):
        outcome = {"outcome": "refused", "ground": GROUND} if refused else {"outcome": "granted"}
        given = ProposeVerdict.model_validate({"part": part, "text": WORDS} | outcome)
        self.run(self.services.deciding_parts.propose(self.world.olga, request.id, given))
        for verdict in self._read(request.id).verdicts:
            if confirmed and verdict.part == part:
                agreed = ConfirmVerdict.model_validate({"part": part, "verdictHash": verdict.hash})
                self.run(self.services.deciding_parts.confirm(self.world.otto, request.id, agreed))

    def _customer(self, request: Request, outcome: str):
        ground = {"ground": GROUND, "text": WORDS} if outcome == "refused" else {}
        given = DecideCase.model_validate({"outcome": outcome} | ground)
        self.run(self.services.controller_cases.decide(administrator(), CONTOSO, request.id, given))

    def _clarify(self, request: Request):
        self.run(self.services.clarifying.answer(self._owner(request.id), request.id, "The one of my work account", {}))

    def _deliver(self, command):
        self.delivered.append(command)
        with suppress(PrivacyError):
            self.loop.run_until_complete(self.services.deliver(command))

    def _drain(self):
        for _ in range(400):
            commands = self.services.bus.deliver()
            if not commands:
                return
            for command in commands:
                self._deliver(command)
        raise AssertionError("the bus never comes to rest")

    def _owner(self, request_id) -> Caller:
        """Mira, with all she can show: her work account, and the code of this request."""
        token = session_of(self.services, str(request_id))
        session = self.services.references.session(token, self.services.clock())
        return Caller(network="n-1", principal=MIRA.principal(), session=session)

    def _ids(self):
        return [*self.ids, *(linked for one in self.ids for linked in self._read(one).linked)]

    def _all(self):
        return [self._read(one) for one in self._ids()]

    def _one(self, which: int) -> Request:
        every = self._all()
        return every[which % len(every)]

    def _read(self, request_id) -> Request:
        return self.loop.run_until_complete(self.services.requests.read(request_id)).row


EveryCourse.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestEveryCourse = EveryCourse.TestCase
