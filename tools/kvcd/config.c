// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <ini.h>
#include <rocksdb/c.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include <kvcd_proto.h>

#include "../kvcctl/number.h"
#include "config.h"

#define CACHES_MAX	1024

/*
 * The library tells neither the line nor of sections that are empty, so its
 * lines are counted, and sections begun, as it reads them.
 */
struct reading {
	struct config *config;
	const char *file;
	FILE *stream;
	int line;
	uint32_t seen;		/* settings of [store] and [socket] */
	bool cut;		/* the last line went on */
	struct why *why;
	int err;
};

/* Returns 0, as inih's handlers do when they refuse; the first one counts. */
__printf(2, 3)
static int wrong(struct reading *r, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (r->err)
		return 0;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	why_set(r->why, "%s:%d: %s", r->file, r->line, text);
	r->err = -EINVAL;
	return 0;
}

static int take_text(struct reading *r, char **field, const char *value)
{
	if (!*value)
		return wrong(r, "a path is missing");
	if (*value != '/')
		return wrong(r, "'%s' is no absolute path", value);
	free(*field);
	*field = strdup(value);
	return *field ? 1 : wrong(r, "out of memory");
}

static int take_count(struct reading *r, unsigned int *field, const char *value,
		      unsigned int least, unsigned int most)
{
	uint64_t number;

	if (number_parse(value, most, &number) || number < least)
		return wrong(r, "'%s' is no number from %u to %u", value, least,
			     most);
	*field = number;
	return 1;
}

static int take_size(struct reading *r, uint64_t *field, const char *value)
{
	if (size_parse(value, INT64_MAX, field))
		return wrong(r, "'%s' is no size such as 64M", value);
	return 1;
}

static int set_path(struct reading *r, const char *value)
{
	return take_text(r, &r->config->path, value);
}

static int set_staging(struct reading *r, const char *value)
{
	return take_text(r, &r->config->staging, value);
}

static int set_sync(struct reading *r, const char *value)
{
	if (strcmp(value, "data") && strcmp(value, "full"))
		return wrong(r, "sync is 'data' or 'full', not '%s'", value);
	r->config->full_sync = !strcmp(value, "full");
	return 1;
}

static int set_block_cache(struct reading *r, const char *value)
{
	return take_size(r, &r->config->block_cache, value);
}

static int set_reserve(struct reading *r, const char *value)
{
	return take_size(r, &r->config->reserve, value);
}

static int set_jobs(struct reading *r, const char *value)
{
	return take_count(r, &r->config->jobs, value, 1, 256);
}

static int set_readers(struct reading *r, const char *value)
{
	return take_count(r, &r->config->readers, value, 1, 256);
}

static int set_socket(struct reading *r, const char *value)
{
	struct sockaddr_un address;

	if (strlen(value) >= sizeof(address.sun_path))
		return wrong(r, "a socket's path has at most %zu bytes",
			     sizeof(address.sun_path) - 1);
	return take_text(r, &r->config->socket, value);
}

static int set_mode(struct reading *r, const char *value)
{
	uint64_t mode;

	if (octal_parse(value, 0777, &mode))
		return wrong(r, "'%s' is no mode such as 0660", value);
	r->config->mode = mode;
	return 1;
}

static int set_group(struct reading *r, const char *value)
{
	struct group *group = getgrnam(value);

	if (!group)
		return wrong(r, "there is no group '%s'", value);
	free(r->config->group);
	r->config->group = strdup(value);
	r->config->gid = group->gr_gid;
	return r->config->group ? 1 : wrong(r, "out of memory");
}

static int set_clients(struct reading *r, const char *value)
{
	return take_count(r, &r->config->clients, value, 1, 65536);
}

static int set_idle(struct reading *r, const char *value)
{
	if (duration_parse(value, INT64_MAX, &r->config->idle) ||
	    !r->config->idle)
		return wrong(r, "'%s' is no time such as 30s", value);
	return 1;
}

static const struct setting {
	const char *section, *name;
	int (*set)(struct reading *r, const char *value);
} settings[] = {
	{ "store", "path", set_path },
	{ "store", "staging", set_staging },
	{ "store", "sync", set_sync },
	{ "store", "block-cache", set_block_cache },
	{ "store", "reserve", set_reserve },
	{ "store", "jobs", set_jobs },
	{ "store", "readers", set_readers },
	{ "socket", "path", set_socket },
	{ "socket", "mode", set_mode },
	{ "socket", "group", set_group },
	{ "socket", "clients", set_clients },
	{ "socket", "drop-after", set_idle },
};

static int set_compression(struct reading *r, struct config_cache *cache,
			   const char *value)
{
	static const struct {
		const char *name;
		int number;
	} kinds[] = {
		{ "none", rocksdb_no_compression },
		{ "snappy", rocksdb_snappy_compression },
		{ "lz4", rocksdb_lz4_compression },
		{ "zstd", rocksdb_zstd_compression },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kinds[i].name, value)) {
			cache->compression = kinds[i].number;
			return 1;
		}
	}
	return wrong(r, "compression is none, snappy, lz4 or zstd, not '%s'",
		     value);
}

static int set_filter(struct reading *r, struct config_cache *cache,
		      const char *value)
{
	return take_count(r, &cache->filter_bits, value, 0, 64);
}

static const struct cache_setting {
	const char *name;
	int (*set)(struct reading *r, struct config_cache *cache,
		   const char *value);
} cache_settings[] = {
	{ "compression", set_compression },
	{ "filter-bits", set_filter },
};

static int twice(struct reading *r, uint32_t *seen, size_t i, const char *name)
{
	if (*seen & 1u << i)
		return wrong(r, "'%s' is set twice", name);
	*seen |= 1u << i;
	return 1;
}

static int take_cache(struct reading *r, const char *name, const char *value)
{
	struct config_cache *cache = &r->config->caches[r->config->count - 1];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cache_settings); i++) {
		if (!strcmp(cache_settings[i].name, name))
			return twice(r, &cache->seen, i, name) &&
			       cache_settings[i].set(r, cache, value);
	}
	return wrong(r, "a cache has no setting '%s'", name);
}

static int take_setting(void *user, const char *section, const char *name,
			const char *value)
{
	struct reading *r = user;
	size_t i;

	if (r->err)
		return 0;
	if (!strncmp(section, "cache ", 6))
		return take_cache(r, name, value);
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (!strcmp(settings[i].section, section) &&
		    !strcmp(settings[i].name, name))
			return twice(r, &r->seen, i, name) &&
			       settings[i].set(r, value);
	}
	if (!*section)
		return wrong(r, "'%s' is in no section", name);
	return wrong(r, "[%s] has no setting '%s'", section, name);
}

/* As the kernel: what it would refuse is no name of a cache. */
static bool is_name(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++) {
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' &&
		    !(i && strchr(".-", name[i])))
			return false;
	}
	return i && i < KVC_NAME_MAX;
}

static int add_cache(struct reading *r, const char *name)
{
	struct config *config = r->config;
	struct config_cache *cache;
	size_t i;

	if (!is_name(name))
		return wrong(r, "'%s' is no cache's name", name);
	for (i = 0; i < config->count; i++) {
		if (!strcmp(config->caches[i].name, name))
			return wrong(r, "[cache %s] is there twice, first on line %d",
				     name, config->caches[i].line);
	}
	if (i == CACHES_MAX)
		return wrong(r, "more than %d caches", CACHES_MAX);
	cache = &config->caches[config->count++];
	strcpy(cache->name, name);
	cache->line = r->line;
	cache->compression = rocksdb_lz4_compression;
	cache->filter_bits = 10;
	return 1;
}

static void begin_section(struct reading *r, char *line)
{
	char *end = strchr(line, ']');

	if (!end) {
		wrong(r, "neither [SECTION] nor NAME = VALUE");
		return;
	}
	*end = '\0';
	if (!strncmp(line, "cache ", 6))
		add_cache(r, line + 6);
	else if (strcmp(line, "store") && strcmp(line, "socket"))
		wrong(r, "there is no section [%s]", line);
	*end = ']';
}

/* Reads a line for the library. */
static char *next_line(char *buf, int size, void *stream)
{
	struct reading *r = stream;
	char *start;

	if (r->err || !fgets(buf, size, r->stream))
		return NULL;
	r->line++;
	if (r->cut)
		wrong(r, "the line before this one is too long");
	r->cut = !strchr(buf, '\n') && !feof(r->stream);
	start = buf + strspn(buf, " \t");
	if (*start == '[')
		begin_section(r, start + 1);
	return r->err ? NULL : buf;
}

static int parse(struct reading *r)
{
	int line = ini_parse_stream(next_line, r, take_setting, r);

	if (!r->err && ferror(r->stream)) {
		why_set(r->why, "%s: cannot be read: %s", r->file,
			strerror(errno));
		r->err = -EIO;
	}
	if (!r->err && line) {
		r->line = line;
		wrong(r, "neither [SECTION] nor NAME = VALUE");
	}
	return r->err;
}

static char *below(const char *path, const char *name)
{
	char *text;

	return asprintf(&text, "%s/%s", path, name) < 0 ? NULL : text;
}

static int set_defaults(struct config *config)
{
	config->block_cache = 64 << 20;
	config->reserve = 16 << 20;
	config->jobs = 2;
	config->readers = 4;
	config->mode = 0660;
	config->gid = (gid_t)-1;
	config->clients = 256;
	config->idle = 30000000000ull;
	config->socket = strdup(KVCD_SOCKET);
	config->caches = calloc(CACHES_MAX, sizeof(*config->caches));
	return config->socket && config->caches ? 0 : -ENOMEM;
}

/* What is not there, or does not go together. */
static int complete(struct config *config, const char *file, struct why *why)
{
	if (!config->path) {
		why_set(why, "%s: [store] needs a path", file);
		return -EINVAL;
	}
	if (!config->count) {
		why_set(why, "%s: no [cache NAME] is to be served", file);
		return -EINVAL;
	}
	if (!config->staging)
		config->staging = below(config->path, "staging");
	return config->staging ? 0 : -ENOMEM;
}

int config_read(struct config *config, const char *file, struct why *why)
{
	struct reading r = { .config = config, .file = file, .why = why };
	int ret;

	memset(config, 0, sizeof(*config));
	why_set(why, "out of memory");
	r.stream = fopen(file, "re");
	if (!r.stream) {
		ret = -errno;
		why_set(why, "%s: %s", file, strerror(errno));
		return ret;
	}
	ret = set_defaults(config);
	if (!ret)
		ret = parse(&r);
	if (!ret)
		ret = complete(config, file, why);
	fclose(r.stream);
	if (ret)
		config_free(config);
	return ret;
}

void config_free(struct config *config)
{
	free(config->path);
	free(config->staging);
	free(config->socket);
	free(config->group);
	free(config->caches);
	memset(config, 0, sizeof(*config));
}
