/* SPDX-License-Identifier: MIT */
/* The tables themselves: order, defaults within limits, help. */
#include "config/keys.h"

#include "config/value.h"
#include "loading.h"

START_TEST(tables_are_alphabetical)
{
	for (enum config_kind kind = 0; kind < CONFIG_KIND_COUNT; kind++) {
		const struct config_section_type *type =
		    config_section_type(kind);

		ck_assert_uint_gt(type->key_count, 0);
		for (size_t i = 1; i < type->key_count; i++)
			ck_assert_msg(strcmp(type->keys[i - 1].name,
					  type->keys[i].name) < 0,
			    "%s before %s", type->keys[i - 1].name,
			    type->keys[i].name);
	}
}
END_TEST

static void
check_default(const struct config_key *key)
{
	uint64_t value = key->min;
	unsigned index;
	bool good = true;

	switch (key->type) {
	case CONFIG_TYPE_DURATION:
		good = value_parse_duration(key->fallback, &value);
		break;
	case CONFIG_TYPE_SIZE:
		good = value_parse_size(key->fallback, &value);
		break;
	case CONFIG_TYPE_OCTAL:
		good = value_parse_octal(key->fallback, &value);
		break;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_UNSIGNED:
	case CONFIG_TYPE_COUNT:
		good = value_parse_number(key->fallback, &value);
		break;
	case CONFIG_TYPE_ENUM:
	case CONFIG_TYPE_CHOICE:
		good = value_parse_word(key->fallback, key->words, &index);
		break;
	default:
		break;
	}
	ck_assert_msg(good, "default of %s", key->name);
	if (key->max != 0)
		ck_assert_msg(value >= key->min && value <= key->max,
		    "default of %s", key->name);
}

START_TEST(each_key_has_a_default_and_a_sentence)
{
	for (enum config_kind kind = 0; kind < CONFIG_KIND_COUNT; kind++) {
		const struct config_section_type *type =
		    config_section_type(kind);

		for (size_t i = 0; i < type->key_count; i++) {
			const struct config_key *key = &type->keys[i];
			size_t length = strlen(key->help);

			ck_assert_uint_gt(length, 10);
			ck_assert_int_eq(key->help[length - 1], '.');
			/* Either a default or what holds without one. */
			ck_assert_msg((key->fallback == NULL) !=
				(key->unset == NULL),
			    "%s", key->name);
			if (key->fallback != NULL)
				check_default(key);
		}
	}
}
END_TEST

START_TEST(names_lead_to_keys)
{
	const char *suffix;
	const struct config_key *key;

	key = config_key_find(CONFIG_KIND_POOL, "env.PATH", &suffix);
	ck_assert_str_eq(key->name, "env");
	ck_assert_str_eq(suffix, "PATH");
	key = config_key_find(CONFIG_KIND_POOL, "workers", &suffix);
	ck_assert_str_eq(key->name, "workers");
	ck_assert_ptr_null(suffix);
	ck_assert_ptr_null(config_key_find(CONFIG_KIND_POOL, "env", &suffix));
	ck_assert_ptr_null(config_key_find(CONFIG_KIND_POOL, "env.", &suffix));
	ck_assert_ptr_null(config_key_find(CONFIG_KIND_POOL, "workers.x",
	    &suffix));
	ck_assert_ptr_null(config_key_find(CONFIG_KIND_SERVER, "workers",
	    &suffix));
}
END_TEST

RUN_SUITE("config/keys", tables_are_alphabetical,
    each_key_has_a_default_and_a_sentence, names_lead_to_keys)
