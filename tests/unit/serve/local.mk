# SPDX-License-Identifier: MIT
if HAVE_CHECK
check_PROGRAMS += tests/unit/serve/test_router
TESTS += tests/unit/serve/test_router
tests_unit_serve_test_router_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_serve_test_router_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/serve/test_filter
TESTS += tests/unit/serve/test_filter
tests_unit_serve_test_filter_SOURCES = tests/unit/serve/test_filter.c \
	tests/unit/serve/fake_session.c tests/unit/serve/fake_session.h
tests_unit_serve_test_filter_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_serve_test_filter_LDADD = $(UNIT_LIBS)
endif
