/** What {@code lastref top} shows: readings of a sidecar, what happened between two of them, and how that looks on a screen. Pure. */
@NullMarked
package dev.lastref.http.cli.top;

import org.jspecify.annotations.NullMarked;
