# SPDX-License-Identifier: MIT
# libFuzzer targets, built with CC=clang --enable-fuzzers (which brings
# --enable-sanitizers along). A target is tests/fuzz/fuzz_NAME.c; besides its
# name in FUZZ_TARGETS it needs one line (_ for / in the name):
#     tests_fuzz_fuzz_NAME_LDADD = $(FUZZ_LIBS)
FUZZ_LIBS = $(FUZZ_LDFLAGS) $(TRICORN_LIBS)
FUZZ_TARGETS = \
	tests/fuzz/fuzz_chunked \
	tests/fuzz/fuzz_config \
	tests/fuzz/fuzz_request \
	tests/fuzz/fuzz_router
tests_fuzz_fuzz_chunked_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_config_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_request_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_router_LDADD = $(FUZZ_LIBS)

if FUZZERS
noinst_PROGRAMS += $(FUZZ_TARGETS)
endif

EXTRA_DIST += tests/fuzz/run tests/fuzz/README tests/fuzz/seeds \
	tests/fuzz/config.dict
.PHONY: fuzz-targets fuzz
fuzz-targets:
	@for t in $(FUZZ_TARGETS); do echo $$t; done
FUZZ_SECONDS = 60
fuzz: $(FUZZ_TARGETS)
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(SHELL) $(srcdir)/tests/fuzz/run \
		$(FUZZ_TARGETS)
