/* SPDX-License-Identifier: MIT */
/* Preconditions and the entity tags they compare. */
#include "http/conditional.h"

#include "http/date.h"

/* Blanks and commas between list elements. */
static void
skip_separators(struct str *rest)
{
	while (rest->length > 0 &&
	    (rest->data[0] == ' ' || rest->data[0] == '\t' ||
		rest->data[0] == ',')) {
		rest->data++;
		rest->length--;
	}
}

static bool
is_etag_byte(char byte)
{
	unsigned char value = (unsigned char)byte;

	return value == 0x21 || (value >= 0x23 && value != 0x7f);
}

/* Takes the quoted part off the front; false when it is malformed. */
static bool
take_opaque(struct str *rest, struct str *opaque)
{
	size_t length = 1;

	if (rest->length < 2 || rest->data[0] != '"')
		return false;
	while (length < rest->length && is_etag_byte(rest->data[length]))
		length++;
	if (length == rest->length || rest->data[length] != '"')
		return false;
	length++;
	*opaque = str_make(rest->data, length);
	rest->data += length;
	rest->length -= length;
	return true;
}

enum http_etag_item
http_etag_next(struct str *rest, struct http_etag *etag)
{
	skip_separators(rest);
	if (rest->length == 0)
		return HTTP_ETAG_END;
	etag->weak = str_starts(*rest, STR("W/"));
	if (etag->weak) {
		rest->data += 2;
		rest->length -= 2;
	}
	if (take_opaque(rest, &etag->opaque)) {
		struct str after = *rest;

		after = str_trim(after);
		if (after.length == 0 || after.data[0] == ',')
			return HTTP_ETAG_FOUND;
	}
	rest->length = 0;
	return HTTP_ETAG_MALFORMED;
}

/* RFC 9110 8.8.3.2; strong wants both tags strong. */
static bool
etags_match(const struct http_etag *a, const struct http_etag *b, bool strong)
{
	if (strong && (a->weak || b->weak))
		return false;
	return str_equal(a->opaque, b->opaque);
}

/* Whether a list, "*" included, names the current tag. */
static bool
list_matches(struct str list, struct str current, bool strong)
{
	struct http_etag have, asked;

	if (str_equal(list, STR("*")))
		return true;
	if (http_etag_next(&current, &have) != HTTP_ETAG_FOUND)
		return false;
	while (http_etag_next(&list, &asked) == HTTP_ETAG_FOUND)
		if (etags_match(&have, &asked, strong))
			return true;
	return false;
}

/* Whether any field of that id matches; *there: whether there is one. */
static bool
fields_match(const struct http_request_head *head, enum http_field_id id,
    struct str current, bool strong, bool *there)
{
	*there = false;
	for (size_t i = 0; i < head->field_count; i++) {
		if (head->fields[i].id != id)
			continue;
		*there = true;
		if (list_matches(head->fields[i].value, current, strong))
			return true;
	}
	return false;
}

/* The date of the only field with that id; false for none, two or no date. */
static bool
field_date(const struct http_request_head *head, enum http_field_id id,
    int64_t now, int64_t *seconds)
{
	const struct http_field *field = NULL;

	for (size_t i = 0; i < head->field_count; i++) {
		if (head->fields[i].id != id)
			continue;
		if (field != NULL)
			return false;
		field = &head->fields[i];
	}
	return field != NULL && http_date_parse(field->value, now, seconds);
}

/*
 * A date is a strong validator only once its second has passed: until then
 * the representation may change again (RFC 9110 8.8.2.2).
 */
static bool
if_range_holds(const struct http_request_head *head,
    const struct http_validators *current, int64_t now)
{
	const struct http_field *field =
	    http_request_field_id(head, HTTP_FIELD_IF_RANGE);
	struct str rest, tag = current->etag;
	struct http_etag have, asked;
	int64_t seconds;

	if (field == NULL)
		return true;
	if (http_date_parse(field->value, now, &seconds))
		return current->modified == seconds && seconds < now;
	rest = field->value;
	return http_etag_next(&rest, &asked) == HTTP_ETAG_FOUND &&
	    rest.length == 0 &&
	    http_etag_next(&tag, &have) == HTTP_ETAG_FOUND &&
	    etags_match(&have, &asked, true);
}

/* Steps 1 and 2 of RFC 9110 13.2.2: is the client's state still current? */
static bool
precondition_holds(const struct http_request_head *head,
    const struct http_validators *current, int64_t now)
{
	int64_t since;
	bool there, matches;

	matches = fields_match(head, HTTP_FIELD_IF_MATCH, current->etag, true,
	    &there);
	if (there)
		return matches;
	if (current->modified < 0 ||
	    !field_date(head, HTTP_FIELD_IF_UNMODIFIED_SINCE, now, &since))
		return true;
	return current->modified <= since;
}

/* Steps 3 and 4: does the client have this representation already? */
static bool
client_has_it(const struct http_request_head *head,
    const struct http_validators *current, int64_t now, bool reads)
{
	int64_t since;
	bool there, matches;

	matches = fields_match(head, HTTP_FIELD_IF_NONE_MATCH, current->etag,
	    false, &there);
	if (there)
		return matches;
	if (!reads || current->modified < 0 ||
	    !field_date(head, HTTP_FIELD_IF_MODIFIED_SINCE, now, &since))
		return false;
	return current->modified <= since;
}

enum http_condition
http_conditional_evaluate(const struct http_request_head *head,
    const struct http_validators *current, int64_t now, bool *use_range)
{
	bool reads = head->method_id == HTTP_METHOD_GET ||
	    head->method_id == HTTP_METHOD_HEAD;

	if (use_range != NULL)
		*use_range = false;
	if (!precondition_holds(head, current, now))
		return HTTP_CONDITION_PRECONDITION_FAILED;
	if (client_has_it(head, current, now, reads))
		return reads ? HTTP_CONDITION_NOT_MODIFIED
			     : HTTP_CONDITION_PRECONDITION_FAILED;
	if (use_range != NULL)
		*use_range = head->method_id == HTTP_METHOD_GET &&
		    if_range_holds(head, current, now);
	return HTTP_CONDITION_SEND;
}
