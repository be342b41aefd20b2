/* SPDX-License-Identifier: MIT */
/* Lists with weights and the choice of a content coding. */
#include "http/coding.h"

#include "http/character.h"

#define WEIGHT_UNKNOWN -1

/* What the client gave each coding; WEIGHT_UNKNOWN: not named. */
struct weights {
	int gzip, deflate, identity, any;
};

/* "0", "0.5", "1.000": at most three digits behind the point. */
static bool
read_weight(struct str text, unsigned *weight)
{
	unsigned unit = 100, sum;

	if (text.length == 0 || text.length > 5 ||
	    (text.data[0] != '0' && text.data[0] != '1') ||
	    (text.length > 1 && text.data[1] != '.'))
		return false;
	sum = (unsigned)(text.data[0] - '0') * 1000;
	for (size_t i = 2; i < text.length; i++, unit /= 10) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		sum += (unsigned)(text.data[i] - '0') * unit;
	}
	*weight = sum;
	return sum <= 1000;
}

/* The parameters behind a name; only q counts. */
static bool
read_parameters(struct str rest, unsigned *weight)
{
	struct str parameter;

	while (str_next(&rest, ';', &parameter)) {
		if (parameter.length < 2 || parameter.data[1] != '=' ||
		    (parameter.data[0] | 0x20) != 'q')
			continue;
		if (!read_weight(str_make(parameter.data + 2,
				     parameter.length - 2),
			weight))
			return false;
	}
	return true;
}

enum http_weighted_item
http_weighted_next(struct str *rest, struct http_weighted *item)
{
	struct str element;

	do {
		if (!str_next(rest, ',', &element))
			return HTTP_WEIGHTED_END;
	} while (element.length == 0);
	item->weight = 1000;
	if (!str_next(&element, ';', &item->name) || item->name.length == 0)
		return HTTP_WEIGHTED_MALFORMED;
	for (size_t i = 0; i < item->name.length; i++)
		if (item->name.data[i] == ' ' || item->name.data[i] == '\t')
			return HTTP_WEIGHTED_MALFORMED;
	if (element.data != NULL && !read_parameters(element, &item->weight))
		return HTTP_WEIGHTED_MALFORMED;
	return HTTP_WEIGHTED_FOUND;
}

struct str
http_coding_name(enum http_coding coding)
{
	switch (coding) {
	case HTTP_CODING_GZIP:
		return STR("gzip");
	case HTTP_CODING_DEFLATE:
		return STR("deflate");
	case HTTP_CODING_IDENTITY:
		break;
	}
	return STR("identity");
}

/* Takes over the weights of one field; elements that are wrong don't count. */
static void
note_field(struct weights *weights, struct str value)
{
	enum http_weighted_item found;
	struct http_weighted item;

	while ((found = http_weighted_next(&value, &item)) !=
	    HTTP_WEIGHTED_END) {
		int weight = (int)item.weight;

		if (found == HTTP_WEIGHTED_MALFORMED)
			continue;
		if (str_equal_nocase(item.name, STR("gzip")) ||
		    str_equal_nocase(item.name, STR("x-gzip")))
			weights->gzip = weight;
		else if (str_equal_nocase(item.name, STR("deflate")))
			weights->deflate = weight;
		else if (str_equal_nocase(item.name, STR("identity")))
			weights->identity = weight;
		else if (str_equal(item.name, STR("*")))
			weights->any = weight;
	}
}

enum http_coding
http_coding_choose(const struct http_request_head *head, unsigned offered)
{
	struct weights weights = { WEIGHT_UNKNOWN, WEIGHT_UNKNOWN,
		WEIGHT_UNKNOWN, 0 };
	enum http_coding best = HTTP_CODING_IDENTITY;
	int best_weight;

	for (size_t i = 0; i < head->field_count; i++)
		if (head->fields[i].id == HTTP_FIELD_ACCEPT_ENCODING)
			note_field(&weights, head->fields[i].value);
	if (weights.gzip == WEIGHT_UNKNOWN)
		weights.gzip = weights.any;
	if (weights.deflate == WEIGHT_UNKNOWN)
		weights.deflate = weights.any;
	/* Identity that isn't named is accepted, but wanted least. */
	best_weight = weights.identity > 0 ? weights.identity : 1;
	if ((offered & HTTP_CODING_DEFLATE) && weights.deflate >= best_weight) {
		best = HTTP_CODING_DEFLATE;
		best_weight = weights.deflate;
	}
	if ((offered & HTTP_CODING_GZIP) && weights.gzip >= best_weight)
		best = HTTP_CODING_GZIP;
	return best;
}
