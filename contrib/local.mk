# SPDX-License-Identifier: MIT
# For packagers and operators: service unit, log rotation, pkg-config.
pkgconfigdir = $(libdir)/pkgconfig
nodist_pkgconfig_DATA = contrib/tricorn.pc
contribdir = $(docdir)/contrib
contrib_DATA = contrib/tricorn.service
dist_contrib_DATA = contrib/tricorn.logrotate
dist_doc_DATA = README.md ARCHITECTURE.md LICENSE

# By make and not by configure: sbindir is only whole here.
contrib/tricorn.service: contrib/tricorn.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib && $(SED) \
		-e 's|@sbindir[@]|$(sbindir)|g' \
		-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		'$(srcdir)/contrib/tricorn.service.in' >$@.new && mv $@.new $@
CLEANFILES += contrib/tricorn.service contrib/tricorn.service.new
EXTRA_DIST += contrib/tricorn.service.in
