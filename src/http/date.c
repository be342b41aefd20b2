/* SPDX-License-Identifier: MIT */
/*
 * Dates without the C library's calendar: no locale, no time zone, and quick
 * enough to be done for every file served.
 */
#include "http/date.h"

#define DAY 86400
#define FIRST_SECOND INT64_C(-62167219200) /* 0000-01-01 00:00:00 */
#define LAST_SECOND INT64_C(253402300799)  /* 9999-12-31 23:59:59 */

static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat" };
static const char *const long_days[7] = { "Sunday", "Monday", "Tuesday",
	"Wednesday", "Thursday", "Friday", "Saturday" };
static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

struct moment {
	int year, month, day; /* month from 1, day from 1 */
	int hour, minute, second;
};

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/*
 * Days between 1970-01-01 and a date. The year is counted from March so that
 * the leap day is its last.
 */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t in_era = y - era * 400;

	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 +
	    (153 * m + 2) / 5 + day - 1 - 719468;
}

/* The other way round. */
static void
date_of(int64_t number, struct moment *moment)
{
	int64_t shifted = number + 719468; /* from 0000-03-01 */
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t in_era = shifted - era * 146097;
	int64_t year =
	    (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * in_year + 2) / 153; /* from March */

	moment->day = (int)(in_year - (153 * month + 2) / 5 + 1);
	moment->month = (int)(month < 10 ? month + 3 : month - 9);
	moment->year = (int)(year + era * 400 + (moment->month <= 2));
}

static void
put_number(char *at, int number, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		at[i] = (char)('0' + number % 10);
		number /= 10;
	}
}

void
http_date_format(char text[static HTTP_DATE_LENGTH], int64_t seconds)
{
	struct moment moment;
	int64_t day;
	int rest;

	if (seconds < FIRST_SECOND)
		seconds = FIRST_SECOND;
	if (seconds > LAST_SECOND)
		seconds = LAST_SECOND;
	day = (seconds >= 0 ? seconds : seconds - (DAY - 1)) / DAY;
	rest = (int)(seconds - day * DAY);
	date_of(day, &moment);
	memcpy(text, "Sun, 00 Jan 0000 00:00:00 GMT", HTTP_DATE_LENGTH);
	/* 1970-01-01 was a Thursday. */
	memcpy(text, days[((day % 7) + 11) % 7], 3);
	put_number(text + 5, moment.day, 2);
	memcpy(text + 8, months[moment.month - 1], 3);
	put_number(text + 12, moment.year, 4);
	put_number(text + 17, rest / 3600, 2);
	put_number(text + 20, rest / 60 % 60, 2);
	put_number(text + 23, rest % 60, 2);
}

struct str
http_date_cached(struct http_date_cache *cache, int64_t seconds)
{
	if (!cache->filled || cache->second != seconds) {
		http_date_format(cache->text, seconds);
		cache->second = seconds;
		cache->filled = true;
	}
	return str_make(cache->text, HTTP_DATE_LENGTH);
}

/* Takes the number of exactly that many digits. */
static bool
take_number(struct str *text, size_t digits, int *number)
{
	uint64_t value;

	if (text->length < digits ||
	    !str_to_u64(str_make(text->data, digits), &value))
		return false;
	*number = (int)value;
	text->data += digits;
	text->length -= digits;
	return true;
}

static bool
take_text(struct str *text, struct str expected)
{
	if (!str_starts(*text, expected))
		return false;
	text->data += expected.length;
	text->length -= expected.length;
	return true;
}

static bool
take_month(struct str *text, int *month)
{
	for (int i = 0; i < 12; i++) {
		if (take_text(text, str_make(months[i], 3))) {
			*month = i + 1;
			return true;
		}
	}
	return false;
}

/* A day's name, short or long as asked. */
static bool
take_day_name(struct str *text, bool is_long)
{
	for (int i = 0; i < 7; i++)
		if (take_text(text,
			is_long ? str_of(long_days[i]) : str_make(days[i], 3)))
			return true;
	return false;
}

static bool
take_clock(struct str *text, struct moment *moment)
{
	return take_number(text, 2, &moment->hour) &&
	    take_text(text, STR(":")) &&
	    take_number(text, 2, &moment->minute) &&
	    take_text(text, STR(":")) && take_number(text, 2, &moment->second);
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool
parse_imf(struct str text, struct moment *moment)
{
	return take_day_name(&text, false) && take_text(&text, STR(", ")) &&
	    take_number(&text, 2, &moment->day) && take_text(&text, STR(" ")) &&
	    take_month(&text, &moment->month) && take_text(&text, STR(" ")) &&
	    take_number(&text, 4, &moment->year) &&
	    take_text(&text, STR(" ")) && take_clock(&text, moment) &&
	    str_equal(text, STR(" GMT"));
}

/* "Sunday, 06-Nov-94 08:49:37 GMT"; the year is left with two digits. */
static bool
parse_rfc850(struct str text, struct moment *moment)
{
	return take_day_name(&text, true) && take_text(&text, STR(", ")) &&
	    take_number(&text, 2, &moment->day) && take_text(&text, STR("-")) &&
	    take_month(&text, &moment->month) && take_text(&text, STR("-")) &&
	    take_number(&text, 2, &moment->year) &&
	    take_text(&text, STR(" ")) && take_clock(&text, moment) &&
	    str_equal(text, STR(" GMT"));
}

/* "Sun Nov  6 08:49:37 1994" */
static bool
parse_asctime(struct str text, struct moment *moment)
{
	if (!take_day_name(&text, false) || !take_text(&text, STR(" ")) ||
	    !take_month(&text, &moment->month) || !take_text(&text, STR(" ")))
		return false;
	if (!take_number(&text, take_text(&text, STR(" ")) ? 1 : 2,
		&moment->day))
		return false;
	return take_text(&text, STR(" ")) && take_clock(&text, moment) &&
	    take_text(&text, STR(" ")) &&
	    take_number(&text, 4, &moment->year) && text.length == 0;
}

/* False when there is no such date or time of day; 60 is a leap second. */
static bool
seconds_of(const struct moment *moment, int64_t *seconds)
{
	static const int lengths[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	int length = lengths[moment->month - 1];

	if (moment->month == 2 && is_leap(moment->year))
		length = 29;
	if (moment->day < 1 || moment->day > length || moment->hour > 23 ||
	    moment->minute > 59 || moment->second > 60)
		return false;
	*seconds = days_of(moment->year, moment->month, moment->day) * DAY +
	    moment->hour * 3600 + moment->minute * 60 + moment->second;
	return true;
}

/* The latest year with these two digits that is at most 50 years ahead. */
static int
full_year(int two_digits, int64_t now)
{
	struct moment today;
	int year;

	date_of((now >= 0 ? now : now - (DAY - 1)) / DAY, &today);
	year = today.year - today.year % 100 + 100 + two_digits;
	while (year > today.year + 50)
		year -= 100;
	return year;
}

bool
http_date_parse(struct str text, int64_t now, int64_t *seconds)
{
	struct moment moment;

	if (parse_imf(text, &moment) || parse_asctime(text, &moment))
		return seconds_of(&moment, seconds);
	if (!parse_rfc850(text, &moment))
		return false;
	moment.year = full_year(moment.year, now);
	return seconds_of(&moment, seconds);
}
