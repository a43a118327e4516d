/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sentences for people, on standard error: the client that spawned us shows them, later they are
 * lines of the lab's log. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/init/init.h"

void
init_report (int errno_value, const char *format, ...)
{
  char text[1024];
  va_list arguments;

  va_start (arguments, format);
  int length = vsnprintf (text, sizeof text - 1, format, arguments);
  va_end (arguments);
  if (length < 0)
    return;
  if ((size_t) length > sizeof text - 2)
    length = sizeof text - 2;
  if (errno_value != 0) {
    int more = snprintf (text + length, sizeof text - 1 - (size_t) length, " (%s)",
                         strerror (errno_value));
    if (more > 0)
      length += more;
    if ((size_t) length > sizeof text - 2)
      length = sizeof text - 2;
  }
  text[length++] = '\n';
  /* One write: lines of the keeper, of PID 1 and of the engine do not mix in the log. */
  if (write (STDERR_FILENO, text, (size_t) length) < 0)
    return;
}
