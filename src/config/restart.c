/* SPDX-License-Identifier: MIT */
/* What a reload can't change: keys of [server] that are not reloadable. */
#include "config/config.h"

#include <string.h>

#include "config/document.h"

static bool
same_value(const struct config *a, const struct config *b,
    const struct config_key *key)
{
	const char *a_place = (const char *)&a->server + key->offset;
	const char *b_place = (const char *)&b->server + key->offset;
	const char *a_text, *b_text;

	switch (key->type) {
	case CONFIG_TYPE_BOOL:
		return *(const bool *)a_place == *(const bool *)b_place;
	case CONFIG_TYPE_OCTAL:
		return *(const unsigned *)a_place == *(const unsigned *)b_place;
	case CONFIG_TYPE_COUNT:
	case CONFIG_TYPE_SIZE:
		return *(const uint64_t *)a_place == *(const uint64_t *)b_place;
	default:
		a_text = *(char *const *)a_place;
		b_text = *(char *const *)b_place;
		if (a_text == NULL || b_text == NULL)
			return a_text == b_text;
		return strcmp(a_text, b_text) == 0;
	}
}

bool
config_needs_restart(const struct config *running, const struct config *loaded,
    struct error *difference)
{
	const struct config_section_type *type =
	    config_section_type(CONFIG_KIND_SERVER);
	const struct config_section *section =
	    config_document_of(loaded->origins, &loaded->server);

	for (size_t i = 0; i < type->key_count; i++) {
		const struct config_key *key = &type->keys[i];

		if (key->reloadable || same_value(running, loaded, key))
			continue;
		error_set(difference,
		    "%s in [server] at %s has changed; that "
		    "takes effect only when tricorn is restarted",
		    key->name,
		    config_place(section->given[i].count > 0
			    ? section->given[i].origins[0]
			    : section->origin)
			.text);
		return true;
	}
	return false;
}
