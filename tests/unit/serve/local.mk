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
if HAVE_CHECK
check_PROGRAMS += tests/unit/serve/test_access_format
TESTS += tests/unit/serve/test_access_format
tests_unit_serve_test_access_format_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_serve_test_access_format_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/serve/test_access_log
TESTS += tests/unit/serve/test_access_log
tests_unit_serve_test_access_log_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_serve_test_access_log_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/serve/test_log_escape
TESTS += tests/unit/serve/test_log_escape
tests_unit_serve_test_log_escape_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_serve_test_log_escape_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/serve/test_log_sink
TESTS += tests/unit/serve/test_log_sink
tests_unit_serve_test_log_sink_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_serve_test_log_sink_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/serve/test_http1
TESTS += tests/unit/serve/test_http1
tests_unit_serve_test_http1_SOURCES = tests/unit/serve/test_http1.c \
	tests/unit/serve/http1_fixture.c tests/unit/serve/http1_fixture.h \
	tests/unit/serve/serving.c tests/unit/serve/serving.h
tests_unit_serve_test_http1_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_serve_test_http1_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/serve/test_http1_answers
TESTS += tests/unit/serve/test_http1_answers
tests_unit_serve_test_http1_answers_SOURCES = \
	tests/unit/serve/test_http1_answers.c \
	tests/unit/serve/http1_fixture.c tests/unit/serve/http1_fixture.h \
	tests/unit/serve/serving.c tests/unit/serve/serving.h
tests_unit_serve_test_http1_answers_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_serve_test_http1_answers_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/serve/test_exchange
TESTS += tests/unit/serve/test_exchange
tests_unit_serve_test_exchange_SOURCES = tests/unit/serve/test_exchange.c \
	tests/unit/serve/serving.c tests/unit/serve/serving.h
tests_unit_serve_test_exchange_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_serve_test_exchange_LDADD = $(UNIT_LIBS)
endif
