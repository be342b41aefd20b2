# SPDX-License-Identifier: MIT
if HAVE_CHECK
check_PROGRAMS += tests/unit/net/test_address
TESTS += tests/unit/net/test_address
tests_unit_net_test_address_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_net_test_address_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/net/test_listener
TESTS += tests/unit/net/test_listener
tests_unit_net_test_listener_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_net_test_listener_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/net/test_loop
TESTS += tests/unit/net/test_loop
tests_unit_net_test_loop_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_net_test_loop_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/net/test_threads
TESTS += tests/unit/net/test_threads
tests_unit_net_test_threads_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_net_test_threads_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/net/test_stream
TESTS += tests/unit/net/test_stream
tests_unit_net_test_stream_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_net_test_stream_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/net/test_stream_callbacks
TESTS += tests/unit/net/test_stream_callbacks
tests_unit_net_test_stream_callbacks_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_net_test_stream_callbacks_LDADD = $(UNIT_LIBS)
endif
