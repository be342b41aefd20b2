# SPDX-License-Identifier: MIT
if HAVE_CHECK
check_PROGRAMS += tests/unit/master/test_backoff
TESTS += tests/unit/master/test_backoff
tests_unit_master_test_backoff_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_master_test_backoff_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/master/test_pidfile
TESTS += tests/unit/master/test_pidfile
tests_unit_master_test_pidfile_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_master_test_pidfile_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/master/test_privileges
TESTS += tests/unit/master/test_privileges
tests_unit_master_test_privileges_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_master_test_privileges_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/master/test_seats
TESTS += tests/unit/master/test_seats
tests_unit_master_test_seats_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_master_test_seats_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/master/test_daemon
TESTS += tests/unit/master/test_daemon
tests_unit_master_test_daemon_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_master_test_daemon_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/master/test_notify
TESTS += tests/unit/master/test_notify
tests_unit_master_test_notify_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_master_test_notify_LDADD = $(UNIT_LIBS)
endif
