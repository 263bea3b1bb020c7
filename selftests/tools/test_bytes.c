// SPDX-License-Identifier: GPL-2.0-only
/* Bytes as text: escapes, hex, base64, and both file formats. */
#include <errno.h>
#include <string.h>

#include <kvcache.h>

#include "cases.h"
#include "coding.h"
#include "escape.h"
#include "record.h"
#include "util.h"

#define ROUNDS	20000
#define LONGEST	64

static void assert_escaped(const char *bytes, size_t len, const char *text)
{
	struct buf out = { 0 }, back = { 0 };

	escape(&out, bytes, len);
	assert_int_equal(out.len, strlen(text));
	assert_memory_equal(out.data, text, out.len);
	assert_int_equal(unescape(&back, text, strlen(text)), 0);
	assert_int_equal(back.len, len);
	if (len)
		assert_memory_equal(back.data, bytes, len);
	buf_free(&out);
	buf_free(&back);
}

static void test_escape_known(void **state)
{
	(void)state;
	assert_escaped("", 0, "");
	assert_escaped("plain key", 9, "plain key");
	assert_escaped("\t\n\r\0\\", 5, "\\t\\n\\r\\0\\\\");
	assert_escaped("\00012", 3, "\\012");
	assert_escaped("\x01\x1b\x7f", 3, "\\x01\\x1b\\x7f");
	assert_escaped("gr\xc3\xbc\xc3\x9f", 6, "gr\xc3\xbc\xc3\x9f");
	assert_escaped("\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80");
	/* Not UTF-8: alone, cut short, overlong, a surrogate, too large. */
	assert_escaped("\xff", 1, "\\xff");
	assert_escaped("a\xc3", 2, "a\\xc3");
	assert_escaped("\xc0\xaf", 2, "\\xc0\\xaf");
	assert_escaped("\xe0\x80\x80", 3, "\\xe0\\x80\\x80");
	assert_escaped("\xed\xa0\x80", 3, "\\xed\\xa0\\x80");
	assert_escaped("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80");
	/* A control character that terminals may obey. */
	assert_escaped("\xc2\x9b", 2, "\\xc2\\x9b");
}

static void test_unescape_bad(void **state)
{
	static const char *const bad[] = {
		"\\", "a\\", "\\q", "\\x", "\\x1", "\\xg0", "\\x0g", "\\X41",
	};
	struct buf out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(unescape(&out, bad[i], strlen(bad[i])), -EINVAL);
	buf_free(&out);
}

static void test_base64_known(void **state)
{
	/* RFC 4648, section 10 */
	static const char *const known[][2] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
		{ "\xfb\xff", "+/8=" },
	};
	struct buf out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		out.len = 0;
		coding_encode(&out, CODING_BASE64, known[i][0],
			      strlen(known[i][0]));
		buf_addc(&out, '\0');
		assert_string_equal(out.data, known[i][1]);
	}
	buf_free(&out);
}

static void test_decode_bad(void **state)
{
	static const char *const base64[] = {
		"Z", "Zg=", "Zg", "Zg==Zg==", "=Zg=", "Zh==", "Zm9=", "Z===",
		"====", "Zm 9", "Zm9v\n",
	};
	static const char *const hex[] = { "0", "0g", "g0", "0x", " 00", "00 " };
	struct buf out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(base64); i++)
		assert_int_equal(coding_decode(&out, CODING_BASE64, base64[i],
					       strlen(base64[i])), -EINVAL);
	for (i = 0; i < ARRAY_SIZE(hex); i++)
		assert_int_equal(coding_decode(&out, CODING_HEX, hex[i],
					       strlen(hex[i])), -EINVAL);
	buf_free(&out);
}

static void assert_coding(enum coding coding, const void *bytes, size_t len)
{
	struct buf text = { 0 }, back = { 0 };

	coding_encode(&text, coding, bytes, len);
	assert_int_equal(coding_decode(&back, coding, (char *)text.data,
				       text.len), 0);
	assert_int_equal(back.len, len);
	if (len)
		assert_memory_equal(back.data, bytes, len);
	buf_free(&text);
	buf_free(&back);
}

static void assert_one_line(const struct buf *line, enum file_format format)
{
	const unsigned char *data = line->data;
	size_t i, tabs = 0;

	assert_int_equal(data[line->len - 1], '\n');
	for (i = 0; i + 1 < line->len; i++) {
		assert_true(data[i] >= 0x20 || data[i] == '\t');
		tabs += data[i] == '\t';
	}
	assert_int_equal(tabs, format == FORMAT_TSV ? 3 : 0);
}

static void assert_record(enum file_format format, const struct kvc_pair *pair)
{
	struct record record = { 0 };
	struct buf line = { 0 };

	record_write(&line, format, pair);
	assert_one_line(&line, format);
	assert_null(record_read(&record, format, (char *)line.data,
				line.len - 1));
	assert_int_equal(record.key.len, pair->key_len);
	assert_memory_equal(record.key.data, pair->key, pair->key_len);
	assert_int_equal(record.value.len, pair->value_len);
	if (pair->value_len)
		assert_memory_equal(record.value.data, pair->value,
				    pair->value_len);
	assert_int_equal(record.flags, pair->meta.client_flags);
	assert_int_equal(record.ttl, 0);
	record_free(&record);
	buf_free(&line);
}

/* bad input row: tool: keys of any bytes: exact round trip */
static void test_round_trips(void **state)
{
	unsigned char key[LONGEST], value[LONGEST];
	uint64_t seed = 0x6b766361636865;
	struct kvc_pair pair = { .key = key, .value = value };
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		pair.key_len = 1 + random_next(&seed) % LONGEST;
		pair.value_len = random_next(&seed) % (LONGEST + 1);
		pair.meta.client_flags = random_next(&seed);
		random_bytes(&seed, key, pair.key_len);
		random_bytes(&seed, value, pair.value_len);
		/* Every second pair of text, so that escapes meet UTF-8. */
		if (i % 2)
			memset(key, "\\x\t0\n\xc3\xbc-"[i / 2 % 8],
			       pair.key_len);
		assert_coding(CODING_HEX, value, pair.value_len);
		assert_coding(CODING_BASE64, value, pair.value_len);
		assert_record(FORMAT_TSV, &pair);
		assert_record(FORMAT_JSONL, &pair);
	}
}

static void assert_wrong(enum file_format format, const char *line)
{
	struct record record = { 0 };

	if (!record_read(&record, format, line, strlen(line)))
		fail_msg("accepted: %s", line);
	record_free(&record);
}

static void test_bad_lines(void **state)
{
	static const char *const tsv[] = {
		"", "key", "\tvalue", "key\\\tvalue", "key\tval\\ue",
		"key\tvalue\tx", "key\tvalue\t4294967296", "key\tvalue\t-1",
		"key\tvalue\t", "key\tvalue\t1\t9223372036854775808",
		"key\tvalue\t1\t2\t3",
		"key\tvalue\t00000000000000000000000000000000001",
	};
	static const char *const jsonl[] = {
		"", "{", "[]", "3", "{}", "{\"key\":\"k\"}", "{\"value\":\"v\"}",
		"{\"key\":\"\",\"value\":\"v\"}", "{\"key\":1,\"value\":\"v\"}",
		"{\"key\":\"k\",\"key_base64\":\"aw==\",\"value\":\"v\"}",
		"{\"key\":\"k\",\"key\":\"k\",\"value\":\"v\"}",
		"{\"key\":\"k\",\"value\":\"v\",\"value_base64\":\"\"}",
		"{\"key_base64\":\"a\",\"value\":\"v\"}",
		"{\"key\":\"k\",\"value\":\"v\",\"flags\":-1}",
		"{\"key\":\"k\",\"value\":\"v\",\"flags\":4294967296}",
		"{\"key\":\"k\",\"value\":\"v\",\"flags\":1.5}",
		"{\"key\":\"k\",\"value\":\"v\",\"ttl_ns\":-1}",
		"{\"key\":\"k\",\"value\":\"v\",\"time\":1}",
		"{\"key\":\"k\",\"value\":\"v\"} x",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(tsv); i++)
		assert_wrong(FORMAT_TSV, tsv[i]);
	for (i = 0; i < ARRAY_SIZE(jsonl); i++)
		assert_wrong(FORMAT_JSONL, jsonl[i]);
}

static void assert_reads(enum file_format format, const char *line,
			 uint32_t flags, uint64_t ttl)
{
	struct record record = { 0 };

	assert_null(record_read(&record, format, line, strlen(line)));
	assert_int_equal(record.key.len, 1);
	assert_memory_equal(record.key.data, "k", 1);
	assert_int_equal(record.value.len, 1);
	assert_memory_equal(record.value.data, "v", 1);
	assert_int_equal(record.flags, flags);
	assert_int_equal(record.ttl, ttl);
	record_free(&record);
}

static void test_short_lines(void **state)
{
	(void)state;
	assert_reads(FORMAT_TSV, "k\tv", 0, 0);
	assert_reads(FORMAT_TSV, "k\tv\t7", 7, 0);
	assert_reads(FORMAT_TSV, "k\tv\t4294967295\t9223372036854775807",
		     UINT32_MAX, INT64_MAX);
	assert_reads(FORMAT_JSONL, "{\"key\":\"k\",\"value\":\"v\"}", 0, 0);
	assert_reads(FORMAT_JSONL,
		     "{\"ttl_ns\":null,\"value_base64\":\"dg==\",\"key\":\"k\"}",
		     0, 0);
	assert_reads(FORMAT_JSONL,
		     "{\"key\":\"k\",\"value\":\"v\",\"flags\":4294967295,\"ttl_ns\":9223372036854775807}",
		     UINT32_MAX, INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape_known),
		cmocka_unit_test(test_unescape_bad),
		cmocka_unit_test(test_base64_known),
		cmocka_unit_test(test_decode_bad),
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_short_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
