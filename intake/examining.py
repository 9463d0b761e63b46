"""Everything that opens a stranger's bytes, each in a confined process: judge a recording, look for sound, read an attestation."""

from dataclasses import dataclass
from typing import Final

from consent.confined import read_attestation, warm_up
from consent.declaration import ReadAttestation
from consent.errors import RecordError
from intake.confine import Answered, Bounds, Pool, Task
from intake.mp3.confined import JUDGE, judge_confined, judge_task
from intake.mp3.headers import KINDS
from intake.mp3.judgement import Judgement
from intake.mp3.limits import Limits
from intake.mp3.walk import walk

_AUDIO: Final = "audio"
_ATTESTATION: Final = "attestation"
_LAYER_3 = 3


def has_audio_here(data: memoryview) -> bool:
    """Tell whether MPEG layer III audio is most of a file. The task's body."""
    walked = walk(data)
    if walked is None or not any(count for kind, count in zip(KINDS, walked.counts, strict=True) if kind.layer == _LAYER_3):
        return False
    return walked.junk_bytes <= walked.audio_bytes


def pool_for(limits: Limits, *, size: int, bounds: Bounds | None = None) -> Pool:
    """Make the pool with the three tasks of intake."""
    tasks = {JUDGE: judge_task(limits), _AUDIO: Task(has_audio_here), _ATTESTATION: Task(read_attestation, warm_up=warm_up)}
    return Pool(tasks, size=size, bounds=bounds)


@dataclass(frozen=True)
class Examiner:
    """Asks the confined processes. A process that misbehaves is an answer: a person looks at that file."""

    pool: Pool

    def judge(self, descriptor: int, *, sha256: str) -> Judgement:
        """Judge a recording."""
        return judge_confined(self.pool, descriptor, sha256=sha256)

    def has_audio(self, descriptor: int) -> bool:
        """Tell whether MPEG audio is in a file."""
        outcome = self.pool.run(_AUDIO, descriptor)
        return isinstance(outcome, Answered) and outcome.value is True

    def attestation(self, descriptor: int, *, ending: str) -> ReadAttestation | None:
        """Read an attestation in whatever form it came; None where the process that read it misbehaved."""
        outcome = self.pool.run(_ATTESTATION, descriptor, ending=ending)
        try:
            return ReadAttestation.from_json(outcome.value) if isinstance(outcome, Answered) else None
        except RecordError:
            return None
