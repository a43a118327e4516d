/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keys: one table, from which the accelerators, the window that lists them and what Ctrl+K
 * finds are made. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

typedef struct {
  const char *group;     /* a new one where it is set */
  const char *action;    /* NULL: listed only; the canvas or the console does it */
  const char *accels[3]; /* none: found by Ctrl+K only */
  const char *title;
} Shortcut;

static const Shortcut shortcuts[] = {
    {N_ ("Labs"), "win.new", {"<Control>n"}, N_ ("New lab")},
    {NULL, "win.open", {"<Control>o"}, N_ ("Open a lab")},
    {NULL, "win.save", {"<Control>s"}, N_ ("Save")},
    {NULL, "win.save-as", {"<Control><Shift>s"}, N_ ("Save as")},
    {NULL, "win.close", {"<Control>w"}, N_ ("Close the window")},
    {NULL, "app.quit", {"<Control>q"}, N_ ("Quit")},
    {N_ ("Running"), "win.start", {"F5", "<Control>r"}, N_ ("Start the lab")},
    {NULL, "win.stop", {"<Shift>F5"}, N_ ("Stop the lab, or give up its start")},
    {NULL, "win.pause", {"<Control><Shift>p"}, N_ ("Pause every machine, or let all go on")},
    {NULL, "win.repair", {NULL}, N_ ("Try failed machines again")},
    {N_ ("Drawing"), "win.undo", {"<Control>z"}, N_ ("Undo")},
    {NULL, "win.redo", {"<Control><Shift>z", "<Control>y"}, N_ ("Redo")},
    {NULL, "win.cut", {"<Control>x"}, N_ ("Cut nodes")},
    {NULL, "win.copy", {"<Control>c"}, N_ ("Copy nodes")},
    {NULL, "win.paste", {"<Control>v"}, N_ ("Paste nodes")},
    {NULL, "win.duplicate", {"<Control>d"}, N_ ("Duplicate nodes")},
    {NULL, "win.select-all", {"<Control>a"}, N_ ("Select everything")},
    {NULL, "win.rename", {"F2"}, N_ ("Rename")},
    {NULL, "win.properties", {"<Alt>Return"}, N_ ("Properties of what is selected")},
    {NULL, "win.cable", {"<Control>l"}, N_ ("Pull a cable from the selected node")},
    {NULL, "win.unplug", {NULL}, N_ ("Unplug the selected cables")},
    {NULL, "win.plug", {NULL}, N_ ("Plug in the selected cables")},
    {NULL, NULL, {"u"}, N_ ("Unplug the selected cable, or plug it in")},
    {NULL, NULL, {"Delete"}, N_ ("Delete what is selected")},
    {NULL, NULL, {"Tab"}, N_ ("Next item")},
    {NULL, NULL, {"Left"}, N_ ("Move what is selected")},
    {NULL, NULL, {"Return"}, N_ ("Console of the selected machine")},
    {NULL, NULL, {"Escape"}, N_ ("Give up what is being dragged")},
    {N_ ("Frames"),
     "win.list-frames",
     {"<Control><Shift>f"},
     N_ ("List what passes on the selected cables, or a machine's")},
    {NULL, "win.hold", {NULL}, N_ ("Hold the frames of the selected cable")},
    {NULL, "win.capture", {NULL}, N_ ("Capture in Wireshark")},
    {NULL, "win.capture-file", {NULL}, N_ ("Capture to a file")},
    {NULL, "win.keep-recent", {NULL}, N_ ("Keep the last seconds, or no more")},
    {NULL, "win.show-recent", {"<Control><Shift>r"}, N_ ("Show what just happened")},
    {NULL, "win.save-recent", {NULL}, N_ ("Save what just happened")},
    {N_ ("View"), "win.zoom-in", {"<Control>plus", "<Control>equal"}, N_ ("Zoom in")},
    {NULL, "win.zoom-out", {"<Control>minus"}, N_ ("Zoom out")},
    {NULL, "win.zoom-reset", {"<Control>0"}, N_ ("Natural size")},
    {NULL, "win.zoom-fit", {"<Control>9"}, N_ ("Fit the lab into the window")},
    {NULL, "win.animate", {"<Control>m"}, N_ ("Animate frames")},
    {NULL, "win.show-palette", {"F9"}, N_ ("Palette")},
    {NULL, "win.show-inspector", {"<Control>i"}, N_ ("Inspector")},
    {NULL, "win.show-consoles", {"<Control>j"}, N_ ("Consoles")},
    {NULL, "win.show-frames", {"<Control><Shift>j"}, N_ ("Frames")},
    {NULL,
     "win.find",
     {"<Control>k", "<Control><Shift>k"},
     N_ ("Find an action, a node or a cable")},
    {NULL, "win.focus-canvas", {"F6", "<Control><Shift>l"}, N_ ("Back to the canvas")},
    {N_ ("Consoles"), NULL, {"<Control><Shift>c"}, N_ ("Copy")},
    {NULL, NULL, {"<Control><Shift>v"}, N_ ("Paste")},
    {NULL, "win.console-tile", {"<Control><Shift>t"}, N_ ("Tile beside the others")},
    {NULL, "win.console-window", {"<Control><Shift>d"}, N_ ("Into its own window, and back")},
    {NULL, "win.console-close", {"<Control><Shift>w"}, N_ ("Close the console")},
    {NULL, "win.console-untile", {NULL}, N_ ("Consoles as tabs")},
    {NULL, "win.console-fit", {NULL}, N_ ("Fit the terminal: tell the machine its size")},
    {N_ ("Help"), "win.menu", {"F10"}, N_ ("Menu")},
    {NULL, "app.doctor", {NULL}, N_ ("Check this computer")},
    {NULL, "app.shortcuts", {"<Control>question", "<Control>F1"}, N_ ("Keyboard shortcuts")},
};

void
loom_shortcuts_set_accels (GtkApplication *application)
{
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++) {
    if (shortcuts[i].action != NULL && shortcuts[i].accels[0] != NULL)
      gtk_application_set_accels_for_action (application, shortcuts[i].action, shortcuts[i].accels);
  }
}

void
loom_shortcuts_each (LoomShortcutFunc func, gpointer user_data)
{
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++) {
    if (shortcuts[i].action != NULL)
      func (shortcuts[i].action, _ (shortcuts[i].title), shortcuts[i].accels[0], user_data);
  }
}

GtkWidget *
loom_shortcuts_new (void)
{
  GtkWidget *window = g_object_new (GTK_TYPE_SHORTCUTS_WINDOW, "modal", TRUE, NULL);
  GtkWidget *section = g_object_new (GTK_TYPE_SHORTCUTS_SECTION, "section-name", "all",
                                     "max-height", 12, "visible", TRUE, NULL);
  GtkWidget *group = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++) {
    const Shortcut *shortcut = &shortcuts[i];
    g_autofree char *accels = g_strjoinv (" ", (char **) shortcut->accels);
    GtkWidget *row;

    if (shortcut->accels[0] == NULL)
      continue;
    if (shortcut->group != NULL) {
      group = g_object_new (GTK_TYPE_SHORTCUTS_GROUP, "title", _ (shortcut->group), "visible", TRUE,
                            NULL);
      gtk_container_add (GTK_CONTAINER (section), group);
    }
    row = g_object_new (GTK_TYPE_SHORTCUTS_SHORTCUT, "title", _ (shortcut->title), "accelerator",
                        accels, "visible", TRUE, NULL);
    gtk_container_add (GTK_CONTAINER (group), row);
  }
  gtk_container_add (GTK_CONTAINER (window), section);
  return window;
}
