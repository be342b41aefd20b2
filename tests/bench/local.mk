# SPDX-License-Identifier: MIT
# Measurements; none of them runs in "make check". The parser's is a program:
# make tests/bench/parser.
EXTRA_PROGRAMS += tests/bench/parser
tests_bench_parser_LDADD = $(TRICORN_LIBS)
CLEANFILES += tests/bench/parser

EXTRA_DIST += tests/bench/README tests/bench/crowd.py tests/bench/duel.py \
	tests/bench/run tests/bench/servers.py tests/bench/soak.py
