"""`python -m orchay` is `orchay`."""

import sys

from orchay.cli import main

sys.exit(main())
