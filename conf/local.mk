# SPDX-License-Identifier: MIT
# The sample configuration: every key, and good to start with as it is. It is
# installed under another name, so that no upgrade touches what an operator
# wrote.
tricornconfdir = $(sysconfdir)/tricorn
nodist_tricornconf_DATA = conf/tricorn.conf.sample
conf/tricorn.conf.sample: $(top_srcdir)/conf/tricorn.conf
	$(AM_V_GEN)$(MKDIR_P) conf && \
		cp '$(top_srcdir)/conf/tricorn.conf' $@.new && mv $@.new $@
CLEANFILES += conf/tricorn.conf.sample conf/tricorn.conf.sample.new
EXTRA_DIST += conf/tricorn.conf
