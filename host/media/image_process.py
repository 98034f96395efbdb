"""Writes one image anew and ends: `python -m host.media.image_process SOURCE ENDING TARGET [PHOTO]`.

It limits its own memory and time first. It prints nothing when all went well, else `no image: ...` or `no room`.
"""

import os
import resource
import sys
from pathlib import Path

MEMORY_BYTES = 2 * 1024**3
CPU_S = 30
NO_IMAGE = "no image: "
NO_ROOM = "no room"


def main(arguments: list[str]) -> str:
    """Write the image; return what to print."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from host.media.reencoding import NoImageError, reencode  # noqa: PLC0415 - after the limits

    source, ending, target, *photo = arguments
    try:
        reencode(Path(source), ending, Path(target), Path(photo[0]) if photo else None)
    except NoImageError as error:
        return f"{NO_IMAGE}{error}"
    except MemoryError:
        return f"{NO_IMAGE}it needs too much memory"
    except OSError:
        return NO_ROOM
    return ""


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]))
