# SPDX-License-Identifier: MIT
if HAVE_CHECK
check_PROGRAMS += tests/unit/worker/test_accept
TESTS += tests/unit/worker/test_accept
tests_unit_worker_test_accept_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_worker_test_accept_LDADD = $(UNIT_LIBS)
endif
