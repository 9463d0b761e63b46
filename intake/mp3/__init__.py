"""What is this file? An MP3 judged by its bytes alone: duration, damage, levels, dates; see ``docs/formats/judging.md``."""

from intake.mp3.confined import JUDGE, judge_confined, judge_task
from intake.mp3.dates import DateEvidence, date_warnings
from intake.mp3.inspection import Inspection, inspect_file
from intake.mp3.judgement import Format, Judgement, JudgementError, Levels
from intake.mp3.judging import judge
from intake.mp3.limits import Limits

__all__ = [
    "JUDGE",
    "DateEvidence",
    "Format",
    "Inspection",
    "Judgement",
    "JudgementError",
    "Levels",
    "Limits",
    "date_warnings",
    "inspect_file",
    "judge",
    "judge_confined",
    "judge_task",
]
