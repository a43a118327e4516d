/* SPDX-License-Identifier: GPL-3.0-or-later */

/* lanloom-screen: the text screen as text, and text as if it were typed there. The same program as
 * init under another name; the host runs it as a command (agent.c), so that closing the command is
 * all it takes to give up.
 *
 *   lanloom-screen copy     writes "COLUMNS ROWS\n", then each row in UTF-8, each ended by "\n"
 *   lanloom-screen paste    types what it reads
 *
 * Both act on the virtual console that shows (Alt+F1, Alt+F2, …). */

#include "backend/guest/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SHOWN_ATTRIBUTES "/dev/vcsa" /* bytes: rows, columns, cursor; then cells */
#define SHOWN_CHARACTERS "/dev/vcsu" /* u32 a cell, row by row, without a head */
#define SHOWN_TTY "/dev/tty0"
/* A terminal has room for 4095 bytes that nobody reads yet, and drops the rest without a word. */
#define MAX_UNREAD 512
#define PIECE 64
#define LOOK_AGAIN_US 10000

static int
fail (const char *what)
{
  fprintf (stderr, "%s: %s\n", what, strerror (errno));
  return 1;
}

static size_t
put_utf8 (char *at, uint32_t c)
{
  if (c < 0x80) {
    at[0] = c < 0x20 || c == 0x7f ? ' ' : (char) c;
    return 1;
  }
  if (c >= 0x110000 || (c >= 0xd800 && c < 0xe000))
    c = 0xfffd;
  if (c < 0x800) {
    at[0] = (char) (0xc0 | c >> 6);
    at[1] = (char) (0x80 | (c & 0x3f));
    return 2;
  }
  if (c < 0x10000) {
    at[0] = (char) (0xe0 | c >> 12);
    at[1] = (char) (0x80 | (c >> 6 & 0x3f));
    at[2] = (char) (0x80 | (c & 0x3f));
    return 3;
  }
  at[0] = (char) (0xf0 | c >> 18);
  at[1] = (char) (0x80 | (c >> 12 & 0x3f));
  at[2] = (char) (0x80 | (c >> 6 & 0x3f));
  at[3] = (char) (0x80 | (c & 0x3f));
  return 4;
}

static int
copy_rows (FILE *cells, unsigned n_rows, unsigned n_columns)
{
  uint32_t row[256];
  char line[4 * 256 + 1];

  printf ("%u %u\n", n_columns, n_rows);
  for (unsigned i = 0; i < n_rows; i++) {
    size_t size = 0;

    if (fread (row, sizeof row[0], n_columns, cells) != n_columns)
      return fail (SHOWN_CHARACTERS);
    for (unsigned j = 0; j < n_columns; j++)
      size += put_utf8 (line + size, row[j]);
    line[size++] = '\n';
    fwrite (line, 1, size, stdout);
  }
  return fflush (stdout) == 0 ? 0 : 1;
}

static int
copy (void)
{
  FILE *attributes = fopen (SHOWN_ATTRIBUTES, "re");
  FILE *cells = fopen (SHOWN_CHARACTERS, "re");
  unsigned char size[2];

  if (attributes == NULL || fread (size, 1, sizeof size, attributes) != sizeof size)
    return fail (SHOWN_ATTRIBUTES);
  if (cells == NULL)
    return fail (SHOWN_CHARACTERS);
  return copy_rows (cells, size[0], size[1]);
}

/* Not before what was typed so far has been read. */
static void
wait_for_reader (int tty)
{
  int unread;

  while (ioctl (tty, FIONREAD, &unread) == 0 && unread > MAX_UNREAD)
    usleep (LOOK_AGAIN_US);
}

static int
paste (void)
{
  int tty = open (SHOWN_TTY, O_RDWR | O_NOCTTY | O_CLOEXEC);
  char piece[PIECE];
  ssize_t n;

  if (tty < 0)
    return fail (SHOWN_TTY);
  while ((n = read (STDIN_FILENO, piece, sizeof piece)) > 0) {
    wait_for_reader (tty);
    for (ssize_t i = 0; i < n; i++)
      if (ioctl (tty, TIOCSTI, &piece[i]) < 0)
        return fail (SHOWN_TTY);
  }
  return n < 0 ? fail ("stdin") : 0;
}

int
screen_main (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], "copy") == 0)
    return copy ();
  if (argc == 2 && strcmp (argv[1], "paste") == 0)
    return paste ();
  fputs ("usage: lanloom-screen copy | paste\n", stderr);
  return 2;
}
