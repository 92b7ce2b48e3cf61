@NullMarked
package dev.lastref.metrics;

import org.jspecify.annotations.NullMarked;
