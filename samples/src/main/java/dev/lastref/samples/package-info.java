@NullMarked
package dev.lastref.samples;

import org.jspecify.annotations.NullMarked;
