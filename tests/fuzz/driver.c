/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs a fuzz target as a unit test: its corpus, then mutations of it from a fixed seed, so that a
 * finding repeats. The same target links with libFuzzer instead of this (-Dfuzz=true) for longer
 * searches.
 *
 *   fuzz-NAME CORPUS-FOLDER [FILE…]
 *
 * With files: those and no mutations, to look at a finding. LANLOOM_FUZZ_RUNS sets the number of
 * mutations (20,000), LANLOOM_FUZZ_SEED the seed (1). The input that ends the process is left as
 * "crash-<name>" in the working folder. */

#include <glib.h>

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_INPUT_BYTES (256 * 1024)
#define MAX_SECONDS 10 /* of mutations; a test suite is no place for a search */

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
extern void __sanitizer_set_death_callback (void (*callback) (void)) __attribute__ ((weak));

static const char *const tokens[] = {
    "[",
    "]",
    "{",
    "}",
    "\"",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "0",
    "1e308",
    "4294967296",
    "\\u0000",
    "\\ud800",
    "9223372036854775808",
    "\n",
    " ",
    "\"\":",
    "[[[[[[[[",
    "{\"a\":{\"a\":",
    "\xff",
    "\x7f",
    "../",
};

/* What runs now, for the handler of its crash. */
static GByteArray *current;
static char crash_file[128];

static void
save_crash (void)
{
  int fd = open (crash_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  if (fd < 0)
    return;
  if (current != NULL && write (fd, current->data, current->len) < 0)
    unlink (crash_file);
  close (fd);
}

static void
on_crash_signal (int number)
{
  save_crash ();
  signal (number, SIG_DFL);
  raise (number);
}

static void
run (const void *data, gsize size)
{
  /* A block of exactly this size, so that a sanitizer sees a read behind its end. */
  uint8_t *copy = g_memdup2 (data, size);

  g_byte_array_set_size (current, 0);
  g_byte_array_append (current, data, size);
  LLVMFuzzerTestOneInput (copy, size);
  g_free (copy);
}

static void
insert (GByteArray *input, GRand *random, const void *data, guint size)
{
  guint at = g_rand_int_range (random, 0, input->len + 1);
  guint old_size = input->len;

  if (size == 0 || old_size + size > MAX_INPUT_BYTES)
    return;
  g_byte_array_set_size (input, old_size + size);
  memmove (input->data + at + size, input->data + at, old_size - at);
  memcpy (input->data + at, data, size);
}

static void
mutate (GByteArray *input, GRand *random, GPtrArray *corpus)
{
  guint at = input->len > 0 ? g_rand_int_range (random, 0, input->len) : 0;
  guint size = input->len > at ? g_rand_int_range (random, 1, MIN (input->len - at, 64) + 1) : 0;
  int choice = g_rand_int_range (random, 0, 8);

  if (input->len == 0)
    choice = 5;
  if (choice == 0) {
    input->data[at] ^= 1 << g_rand_int_range (random, 0, 8);
  } else if (choice == 1) {
    input->data[at] = g_rand_int_range (random, 0, 256);
  } else if (choice == 2) {
    g_byte_array_remove_range (input, at, size);
  } else if (choice == 3) {
    g_byte_array_set_size (input, at);
  } else if (choice == 4) {
    g_autofree uint8_t *piece = g_memdup2 (input->data + at, size);
    for (int n = g_rand_int_range (random, 1, 20); n > 0; n--)
      insert (input, random, piece, size);
  } else if (choice == 5) {
    const char *token = tokens[g_rand_int_range (random, 0, G_N_ELEMENTS (tokens))];
    insert (input, random, token, strlen (token));
  } else if (choice == 6) {
    gsize other_size;
    const uint8_t *other = g_bytes_get_data (
        corpus->pdata[g_rand_int_range (random, 0, corpus->len)], &other_size);
    guint from = other_size > 0 ? g_rand_int_range (random, 0, other_size) : 0;
    insert (input, random, other + from, MIN (other_size - from, 256));
  } else if (size > 1) {
    /* A number in the middle of a binary message. */
    guint32 values[] = {0, 1, 0xff, 0xffff, 0x7fffffff, 0xffffffff, G_MAXUINT32 - 8, 0x01000000};
    memcpy (input->data + at, &values[g_rand_int_range (random, 0, G_N_ELEMENTS (values))],
            MIN (size, 4));
  }
}

static void
load (GPtrArray *corpus, const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  gsize size;

  if (!g_file_get_contents (path, &text, &size, &error))
    g_error ("%s", error->message);
  g_ptr_array_add (corpus, g_bytes_new_take (text, size));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
load_folder (GPtrArray *corpus, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_build_filename (folder, name, NULL));
  /* The order of a folder differs from host to host; findings must not. */
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    load (corpus, names->pdata[i]);
}

static guint64
number_from_environment (const char *name, guint64 otherwise)
{
  const char *text = g_getenv (name);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : otherwise;
}

static guint
run_mutations (GPtrArray *corpus)
{
  guint n_runs = number_from_environment ("LANLOOM_FUZZ_RUNS", 20000);
  g_autoptr (GByteArray) input = g_byte_array_new ();
  GRand *random = g_rand_new_with_seed (number_from_environment ("LANLOOM_FUZZ_SEED", 1));
  gint64 end_us = g_get_monotonic_time () + MAX_SECONDS * G_USEC_PER_SEC;
  guint i;

  for (i = 0; i < n_runs && g_get_monotonic_time () < end_us; i++) {
    GBytes *seed = corpus->pdata[g_rand_int_range (random, 0, corpus->len)];
    g_byte_array_set_size (input, 0);
    g_byte_array_append (input, g_bytes_get_data (seed, NULL), g_bytes_get_size (seed));
    for (int n = g_rand_int_range (random, 1, 6); n > 0; n--)
      mutate (input, random, corpus);
    run (input->data, input->len);
  }
  g_rand_free (random);
  return i;
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) corpus = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *name = g_path_get_basename (argv[0]);

  if (argc < 2) {
    g_printerr ("usage: %s CORPUS-FOLDER [FILE…]\n", name);
    return 2;
  }
  g_snprintf (crash_file, sizeof crash_file, "crash-%s", name);
  if (__sanitizer_set_death_callback != NULL)
    __sanitizer_set_death_callback (save_crash);
  signal (SIGABRT, on_crash_signal);
  signal (SIGSEGV, on_crash_signal);
  current = g_byte_array_new ();

  for (int i = 2; i < argc; i++)
    load (corpus, argv[i]);
  if (argc == 2)
    load_folder (corpus, argv[1]);
  run ("", 0);
  for (guint i = 0; i < corpus->len; i++)
    run (g_bytes_get_data (corpus->pdata[i], NULL), g_bytes_get_size (corpus->pdata[i]));
  g_print ("ok 1 - %u files of the corpus\n", corpus->len);
  if (corpus->len == 0)
    g_ptr_array_add (corpus, g_bytes_new_static ("", 0));
  if (argc == 2)
    g_print ("ok 2 - %u mutations\n", run_mutations (corpus));
  g_print ("1..%d\n", argc == 2 ? 2 : 1);
  g_byte_array_unref (g_steal_pointer (&current));
  return 0;
}
