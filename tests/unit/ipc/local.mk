# SPDX-License-Identifier: MIT
if HAVE_CHECK
check_PROGRAMS += tests/unit/ipc/test_message
TESTS += tests/unit/ipc/test_message
tests_unit_ipc_test_message_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ipc_test_message_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/ipc/test_scoreboard
TESTS += tests/unit/ipc/test_scoreboard
tests_unit_ipc_test_scoreboard_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ipc_test_scoreboard_LDADD = $(UNIT_LIBS)
endif
