# SPDX-License-Identifier: MIT
if HAVE_CHECK
check_PROGRAMS += tests/unit/http/test_chunked
TESTS += tests/unit/http/test_chunked
tests_unit_http_test_chunked_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_chunked_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_date
TESTS += tests/unit/http/test_date
tests_unit_http_test_date_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_date_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_response
TESTS += tests/unit/http/test_response
tests_unit_http_test_response_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_response_LDADD = $(UNIT_LIBS)
endif
