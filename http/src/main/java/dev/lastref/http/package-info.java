@NullMarked
package dev.lastref.http;

import org.jspecify.annotations.NullMarked;
