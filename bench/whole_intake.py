"""What does a whole intake cost? A hundred half-hour recordings, two at a time, against a shell pipeline that does less.

Consigne: a centre on the embedded store; the files are renamed into a hundred folders while it runs; the time ends when
the last answer lies in its folder. The pipeline, for each file, two at a time: ffprobe, ffmpeg -f null, sha256sum, age,
rclone into the same SeaweedFS. It judges nothing, proves nothing back, keeps no journal and answers nobody.

Exit code 1 when the pipeline is faster. Needs ffmpeg, age, rclone and lame.
"""

import argparse
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import psutil
from judge import KINDS, make

from consigne import folders, founding, logs, settings
from consigne.founding import Told
from consigne.running import Running
from consigne.wiring import Parts
from registry import sessions
from registry.clock import SystemClock, civil_date
from registry.roster import read_roster

WORKERS = 2


def found(home: Path, count: int) -> Parts:
    told = Told(
        "Bench", "Bench", "bench@centre.example", None, "depots", "mirror", "http://127.0.0.1:9", 0, "bench@centre.example", None, "bench"
    )
    founding.found(home, told, SystemClock())
    parts = opened(home)
    now = parts.clock.now()
    exam = civil_date(now) + timedelta(days=40)
    with parts.database.transaction(now, "system:bench") as tx:
        evaluation = sessions.create(tx, code="bench", exam_on=exam, scheme="cqp-ce", unit="1")
    lines = "\r\n".join(f"B-{n:03d};Mme;Nom{n};Prenom;b{n}@centre.example;;;{exam:%d/%m/%Y};09:00" for n in range(count))
    roster = read_roster(
        f"Référence;Civilité;Nom;Prénom;Courriel;Employeur;Département;Date de passage;Heure de passage\r\n{lines}\r\n".encode(), now=now
    )
    assert len(roster.lines) == count, roster.problems
    for line in roster.lines:
        with parts.database.transaction(now, "system:bench") as tx:
            _, dossier = sessions.enrol(tx, tx.session.merge(evaluation, load=False), line)
            tx.session.flush()
            folders.open_for(parts, tx, sessions.file_of(tx.session, dossier.id))
    folders.write_now(parts)
    return parts


def opened(home: Path) -> Parts:
    """Open the centre, made quick to see that a file is whole."""
    loaded = settings.load(home)
    return Parts(loaded.model_copy(update={"folders": loaded.folders.model_copy(update={"settle_seconds": 0.5})}))


def ours(home: Path, files: list[Path]) -> tuple[float, float]:
    """Return the seconds, and the memory of the largest process but the store's, in MB. To be run in a process of its own."""
    logs.configure(logging.ERROR)
    parts = opened(home)
    root = parts.share.root / "bench"
    folders_ = sorted(root.iterdir())
    with Running(parts, portal=False):
        time.sleep(3)  # our own pages are seen and left
        began, peak = time.monotonic(), 0.0
        for file, folder in zip(files, folders_, strict=True):
            os.rename(file, folder / "appel.mp3")  # noqa: PTH104 - a rename within one disk, as a finished copy ends
        while not all(any(name.startswith("1 - ") for name in os.listdir(folder)) for folder in folders_):  # noqa: PTH208 - only names are needed
            peak = max(peak, memory())
            time.sleep(0.2)
        return time.monotonic() - began, peak


def memory() -> float:
    """Return the resident memory of the largest process of ours, in MB."""
    own = psutil.Process()
    sizes = [own.memory_info().rss]
    for child in own.children(recursive=True):
        try:
            if "weed" not in child.name():
                sizes.append(child.memory_info().rss)
        except psutil.Error:
            continue
    return max(sizes) / 1e6


def pipeline(parts: Parts, files: list[Path], recipient: str, out: Path) -> float:
    assert parts.embedded is not None
    with parts.embedded as store:
        told = store.settings("pipeline")
        store.objects("pipeline")
        environment = {name: value for name, value in os.environ.items() if name != "AWS_CA_BUNDLE"} | {  # rclone refuses that one
            "RCLONE_CONFIG_W_TYPE": "s3",
            "RCLONE_CONFIG_W_PROVIDER": "Other",
            "RCLONE_CONFIG_W_ENDPOINT": str(told.endpoint_url),
            "RCLONE_CONFIG_W_ACCESS_KEY_ID": str(told.access_key),
            "RCLONE_CONFIG_W_SECRET_ACCESS_KEY": str(told.secret_key),
        }

        def one(file: Path) -> None:
            sealed = out / f"{file.name}.age"
            for command in (
                ["ffprobe", "-v", "error", "-show_format", str(file)],
                ["ffmpeg", "-v", "error", "-i", str(file), "-f", "null", "-"],
                ["sha256sum", str(file)],
                ["age", "-r", recipient, "-o", str(sealed), str(file)],
                ["rclone", "copyto", "--s3-no-check-bucket", str(sealed), f"w:pipeline/{sealed.name}"],
            ):
                subprocess.run(command, check=True, capture_output=True, env=environment)
            sealed.unlink()

        began = time.monotonic()
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(one, files))
        return time.monotonic() - began


def copies(path: Path, directory: Path, count: int) -> list[Path]:
    """Make files that differ in their tag alone, so that none is another's copy."""
    directory.mkdir()
    content, made = path.read_bytes(), []
    for number in range(count):
        text = b"\x03" + f"appel {number:06d}".encode()
        frame = b"TIT2" + len(text).to_bytes(4, "big") + b"\0\0" + text
        made.append(directory / f"{number:03d}.mp3")
        made[-1].write_bytes(b"ID3\x04\0\0\0\0\0" + bytes([len(frame)]) + frame + content)
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    count = parser.parse_args().count
    slower = False
    logs.configure(logging.ERROR)
    print("| half an hour each | Consigne | shell pipeline | ratio | peak of a process |\n|---|---|---|---|---|")
    for name, rate, channels, kbps, _ in KINDS:
        with tempfile.TemporaryDirectory(prefix="bench-intake-") as temporary:
            directory = Path(temporary)
            make(directory / "one.mp3", rate, channels, kbps)
            key = subprocess.run(["age-keygen"], check=True, capture_output=True, text=True).stdout
            recipient = next(line.split()[-1] for line in key.splitlines() if "public key" in line)
            files = copies(directory / "one.mp3", directory / "files", count)
            parts = found(directory / "centre", count)
            theirs = pipeline(parts, files, recipient, directory)
            parts.close()
            with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # so that what the bench itself holds is not counted
                seconds, peak = apart.submit(ours, directory / "centre", files).result()
            shutil.rmtree(directory / "centre")
        print(f"| {count} × {name} | {seconds:.0f} s | {theirs:.0f} s | {seconds / theirs:.2f} | {peak:.0f} MB |", flush=True)
        slower = slower or seconds > theirs
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
