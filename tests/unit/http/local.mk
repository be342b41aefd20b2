# SPDX-License-Identifier: MIT
if HAVE_CHECK
check_PROGRAMS += tests/unit/http/test_chunked
TESTS += tests/unit/http/test_chunked
tests_unit_http_test_chunked_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_chunked_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_coding
TESTS += tests/unit/http/test_coding
tests_unit_http_test_coding_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_coding_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_conditional
TESTS += tests/unit/http/test_conditional
tests_unit_http_test_conditional_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_conditional_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_date
TESTS += tests/unit/http/test_date
tests_unit_http_test_date_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_date_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_field
TESTS += tests/unit/http/test_field
tests_unit_http_test_field_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_field_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_host
TESTS += tests/unit/http/test_host
tests_unit_http_test_host_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_host_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_media_type
TESTS += tests/unit/http/test_media_type
tests_unit_http_test_media_type_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_media_type_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_range
TESTS += tests/unit/http/test_range
tests_unit_http_test_range_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_range_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_request
TESTS += tests/unit/http/test_request
tests_unit_http_test_request_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_request_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_request_corpus
TESTS += tests/unit/http/test_request_corpus
tests_unit_http_test_request_corpus_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) \
	-DREQUEST_CORPUS='"$(top_srcdir)/tests/corpus/request"'
tests_unit_http_test_request_corpus_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_response
TESTS += tests/unit/http/test_response
tests_unit_http_test_response_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_response_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_response_head
TESTS += tests/unit/http/test_response_head
tests_unit_http_test_response_head_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_response_head_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/http/test_uri
TESTS += tests/unit/http/test_uri
tests_unit_http_test_uri_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_http_test_uri_LDADD = $(UNIT_LIBS)
endif
EXTRA_DIST += \
	tests/corpus/README \
	tests/corpus/request/connection.txt \
	tests/corpus/request/fields.txt \
	tests/corpus/request/framing.txt \
	tests/corpus/request/host.txt \
	tests/corpus/request/limits.txt \
	tests/corpus/request/request_line.txt \
	tests/corpus/request/target.txt
