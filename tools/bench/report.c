// SPDX-License-Identifier: GPL-2.0-only
/* The results, as a table while they come in and as JSON at the end */
#include <err.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "report.h"

static json_t *top, *rows, *missing, *notes;
static bool icount;

static void cpu_model(char *text, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[256];

	if (!file)
		err(1, "/proc/cpuinfo");
	snprintf(text, size, "unknown");
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "model name", 10) || !strstr(line, ": "))
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(text, size, "%s", strstr(line, ": ") + 2);
		break;
	}
	fclose(file);
}

static void date(char *text, size_t size)
{
	time_t now = time(NULL);

	strftime(text, size, "%Y-%m-%d %H:%M UTC", gmtime(&now));
}

/* An object or a value that is missing is memory that was. */
static void add(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value))
		errx(1, "no memory for the JSON");
}

static void append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		errx(1, "no memory for the JSON");
}

static void print_heading(const struct heading *h, const struct utsname *kernel,
			  const char *cpu, const char *when)
{
	printf("machine   %s\n", h->machine);
	printf("kernel    %s %s\n", kernel->release, kernel->version);
	printf("cpu       %s", cpu);
	if (h->cpu >= 0)
		printf("; the program is bound to CPU %d", h->cpu);
	putchar('\n');
	printf("date      %s\n", when);
	printf("method    %u rounds after one that does not count%s; contenders take turns every\n"
	       "          %u operations; a round's value is the median of these turns, a row's that of its\n"
	       "          rounds; ratio of the rows' values, [min .. max] of the rounds' ratios; seed %u.\n\n",
	       h->rounds, h->quick ? " (--quick: small and rough)" : "",
	       h->slice, h->seed);
	printf("%-16s %-36s %-36s %-27s %s\n", "row", "measured", "compared with",
	       "ratio", "goal");
}

void report_begin(const struct heading *h)
{
	char cpu[128], when[64];
	struct utsname kernel;

	if (uname(&kernel))
		err(1, "uname");
	cpu_model(cpu, sizeof(cpu));
	date(when, sizeof(when));
	setvbuf(stdout, NULL, _IOLBF, 0);
	print_heading(h, &kernel, cpu, when);
	icount = h->icount;
	rows = json_array();
	missing = json_array();
	notes = json_array();
	top = json_object();
	add(top, "version", json_integer(1));
	add(top, "program", json_string("kvc-bench"));
	add(top, "machine", json_string(h->machine));
	add(top, "kernel", json_string(kernel.release));
	add(top, "kernel_version", json_string(kernel.version));
	add(top, "cpu", json_string(cpu));
	add(top, "bound_to_cpu", json_integer(h->cpu));
	add(top, "date", json_string(when));
	add(top, "rounds", json_integer(h->rounds));
	add(top, "operations_a_turn", json_integer(h->slice));
	add(top, "quick", json_boolean(h->quick));
	add(top, "icount", json_boolean(h->icount));
	add(top, "seed", json_integer(h->seed));
	add(top, "rows", rows);
	add(top, "missing", missing);
	add(top, "notes", notes);
}

static struct ratio ratio_of(const struct result *r)
{
	return r->cost ? sample_ratio(r->ours, r->other) :
			 sample_ratio(r->other, r->ours);
}

static bool met(const struct result *r, double value)
{
	switch (r->goal) {
	case GOAL_RATIO_LEAST:
		return ratio_of(r).median >= value;
	case GOAL_RATIO_MOST:
		return ratio_of(r).median <= value;
	case GOAL_OURS_MOST:
		return sample_median(r->ours) <= value;
	default:
		return true;
	}
}

static const char *kind_of(const struct result *r)
{
	switch (r->goal) {
	case GOAL_RATIO_LEAST:
		return "ratio_least";
	case GOAL_RATIO_MOST:
		return "ratio_most";
	default:
		return "ours_most";
	}
}

static const char *verdict(const struct result *r)
{
	if (!met(r, r->goal_value))
		return "short";
	return r->stretch > 0 && met(r, r->stretch) ? "met, stretch too" :
						      "met";
}

static void goal_text(const struct result *r, char *text, size_t size)
{
	const char *relation = r->goal == GOAL_RATIO_LEAST ? ">=" : "<=";
	const char *unit = r->goal == GOAL_OURS_MOST ? r->unit : "x";
	char stretch[32] = "";

	if (r->goal == GOAL_NONE) {
		snprintf(text, size, "none");
		return;
	}
	if (r->stretch > 0)
		snprintf(stretch, sizeof(stretch), " (%g)", r->stretch);
	snprintf(text, size, "%s %g%s%s%s: %s", relation, r->goal_value,
		 strcmp(unit, "x") ? " " : "", unit, stretch, verdict(r));
}

static void sample_text(const struct sample *sample, const char *unit,
			char *text, size_t size)
{
	double median = sample_median(sample);

	snprintf(text, size, "%-21s %*.*f %s", sample->name, 8,
		 median < 100 ? 1 : 0, median, unit);
}

static const char *unit_of(const struct result *r)
{
	return icount && !strcmp(r->unit, "ns") ? "insn" : r->unit;
}

static void name_of(const struct result *r, char *name, size_t size)
{
	snprintf(name, size, "%s%s", r->row, icount ? "-insn" : "");
}

static json_t *sample_json(const struct sample *sample)
{
	json_t *object = json_object(), *values = json_array();
	unsigned int i;

	for (i = 0; i < sample->rounds; i++)
		append(values, json_real(sample->value[i]));
	add(object, "name", json_string(sample->name));
	add(object, "median", json_real(sample_median(sample)));
	add(object, "rounds", values);
	return object;
}

static json_t *ratio_json(const struct result *r)
{
	struct ratio ratio = ratio_of(r);
	json_t *object = json_object();

	add(object, "of", json_string(r->cost ? "measured/other" :
						"other/measured"));
	add(object, "median", json_real(ratio.median));
	add(object, "min", json_real(ratio.min));
	add(object, "max", json_real(ratio.max));
	return object;
}

static json_t *goal_json(const struct result *r)
{
	json_t *object;
	char text[64];

	if (r->goal == GOAL_NONE)
		return json_null();
	object = json_object();
	goal_text(r, text, sizeof(text));
	add(object, "text", json_string(text));
	add(object, "kind", json_string(kind_of(r)));
	add(object, "value", json_real(r->goal_value));
	add(object, "stretch", r->stretch > 0 ? json_real(r->stretch) :
						json_null());
	add(object, "met", json_boolean(met(r, r->goal_value)));
	return object;
}

static void add_json(const struct result *r)
{
	json_t *row = json_object();
	char name[64];

	name_of(r, name, sizeof(name));
	add(row, "row", json_string(name));
	add(row, "workload", json_string(r->what));
	add(row, "unit", json_string(unit_of(r)));
	add(row, "measured", sample_json(r->ours));
	add(row, "other", sample_json(r->other));
	add(row, "ratio", ratio_json(r));
	add(row, "goal", goal_json(r));
	append(rows, row);
}

void report_row(const struct result *r)
{
	char name[64], ours[64], other[64], goal[64], ratio[64];
	struct ratio x = ratio_of(r);

	name_of(r, name, sizeof(name));
	sample_text(r->ours, unit_of(r), ours, sizeof(ours));
	sample_text(r->other, unit_of(r), other, sizeof(other));
	goal_text(r, goal, sizeof(goal));
	snprintf(ratio, sizeof(ratio), "%.2fx [%.2f .. %.2f]", x.median, x.min,
		 x.max);
	printf("%-16s %-36s %-36s %-27s %s\n", name, ours, other, ratio,
	       goal);
	add_json(r);
}

void report_missing(const char *row, const char *why)
{
	json_t *object = json_object();

	printf("%-16s left out: %s\n", row, why);
	add(object, "row", json_string(row));
	add(object, "why", json_string(why));
	append(missing, object);
}

void report_note(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("                 %s\n", text);
	append(notes, json_string(text));
}

void report_end(const char *path)
{
	if (path && json_dump_file(top, path, JSON_INDENT(2)))
		errx(1, "cannot write %s", path);
	json_decref(top);
}
