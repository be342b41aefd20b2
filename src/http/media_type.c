/* SPDX-License-Identifier: MIT */
/*
 * The table of media types. XML and JSON carry their own encoding and get no
 * charset. ".ts" is taken for video, not for TypeScript, which is not served
 * to browsers as it is.
 */
#include "http/media_type.h"

#include <stdlib.h>

#define LONGEST_EXTENSION 15

/* Sorted by extension, for the binary search. */
static const struct http_media_type types[] = {
	{ "3gp", "video/3gpp" },
	{ "7z", "application/x-7z-compressed" },
	{ "aac", "audio/aac" },
	{ "ai", "application/postscript" },
	{ "apk", "application/vnd.android.package-archive" },
	{ "apng", "image/apng" },
	{ "appcache", "text/cache-manifest; charset=utf-8" },
	{ "asc", "text/plain; charset=utf-8" },
	{ "atom", "application/atom+xml" },
	{ "avi", "video/x-msvideo" },
	{ "avif", "image/avif" },
	{ "bash", "text/x-shellscript; charset=utf-8" },
	{ "bin", "application/octet-stream" },
	{ "bmp", "image/bmp" },
	{ "br", "application/x-brotli" },
	{ "bz2", "application/x-bzip2" },
	{ "c", "text/x-c; charset=utf-8" },
	{ "cbor", "application/cbor" },
	{ "cer", "application/pkix-cert" },
	{ "cjs", "text/javascript; charset=utf-8" },
	{ "conf", "text/plain; charset=utf-8" },
	{ "cpp", "text/x-c; charset=utf-8" },
	{ "crl", "application/pkix-crl" },
	{ "crt", "application/x-x509-ca-cert" },
	{ "css", "text/css; charset=utf-8" },
	{ "csv", "text/csv; charset=utf-8" },
	{ "cur", "image/x-icon" },
	{ "deb", "application/vnd.debian.binary-package" },
	{ "der", "application/x-x509-ca-cert" },
	{ "diff", "text/x-diff; charset=utf-8" },
	{ "djvu", "image/vnd.djvu" },
	{ "dmg", "application/x-apple-diskimage" },
	{ "doc", "application/msword" },
	{ "docx",
	    "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
	{ "dtd", "application/xml-dtd" },
	{ "eml", "message/rfc822" },
	{ "eot", "application/vnd.ms-fontobject" },
	{ "eps", "application/postscript" },
	{ "epub", "application/epub+zip" },
	{ "exe", "application/octet-stream" },
	{ "flac", "audio/flac" },
	{ "flv", "video/x-flv" },
	{ "geojson", "application/geo+json" },
	{ "gif", "image/gif" },
	{ "glb", "model/gltf-binary" },
	{ "gltf", "model/gltf+json" },
	{ "gpx", "application/gpx+xml" },
	{ "gz", "application/gzip" },
	{ "h", "text/x-c; charset=utf-8" },
	{ "heic", "image/heic" },
	{ "heif", "image/heif" },
	{ "htm", "text/html; charset=utf-8" },
	{ "html", "text/html; charset=utf-8" },
	{ "ico", "image/x-icon" },
	{ "ics", "text/calendar; charset=utf-8" },
	{ "img", "application/octet-stream" },
	{ "ini", "text/plain; charset=utf-8" },
	{ "iso", "application/octet-stream" },
	{ "jar", "application/java-archive" },
	{ "jpeg", "image/jpeg" },
	{ "jpg", "image/jpeg" },
	{ "js", "text/javascript; charset=utf-8" },
	{ "json", "application/json" },
	{ "jsonld", "application/ld+json" },
	{ "jxl", "image/jxl" },
	{ "kml", "application/vnd.google-earth.kml+xml" },
	{ "kmz", "application/vnd.google-earth.kmz" },
	{ "log", "text/plain; charset=utf-8" },
	{ "m3u", "audio/x-mpegurl" },
	{ "m3u8", "application/vnd.apple.mpegurl" },
	{ "m4a", "audio/mp4" },
	{ "m4s", "video/iso.segment" },
	{ "m4v", "video/mp4" },
	{ "map", "application/json" },
	{ "markdown", "text/markdown; charset=utf-8" },
	{ "md", "text/markdown; charset=utf-8" },
	{ "mid", "audio/midi" },
	{ "midi", "audio/midi" },
	{ "mjs", "text/javascript; charset=utf-8" },
	{ "mkv", "video/x-matroska" },
	{ "mml", "application/mathml+xml" },
	{ "mov", "video/quicktime" },
	{ "mp3", "audio/mpeg" },
	{ "mp4", "video/mp4" },
	{ "mpd", "application/dash+xml" },
	{ "mpeg", "video/mpeg" },
	{ "mpg", "video/mpeg" },
	{ "msi", "application/octet-stream" },
	{ "ndjson", "application/x-ndjson" },
	{ "odg", "application/vnd.oasis.opendocument.graphics" },
	{ "odp", "application/vnd.oasis.opendocument.presentation" },
	{ "ods", "application/vnd.oasis.opendocument.spreadsheet" },
	{ "odt", "application/vnd.oasis.opendocument.text" },
	{ "oga", "audio/ogg" },
	{ "ogg", "audio/ogg" },
	{ "ogv", "video/ogg" },
	{ "opus", "audio/ogg" },
	{ "otf", "font/otf" },
	{ "p12", "application/x-pkcs12" },
	{ "parquet", "application/vnd.apache.parquet" },
	{ "patch", "text/x-diff; charset=utf-8" },
	{ "pdf", "application/pdf" },
	{ "pem", "application/x-pem-file" },
	{ "pl", "text/x-perl; charset=utf-8" },
	{ "png", "image/png" },
	{ "ppt", "application/vnd.ms-powerpoint" },
	{ "pptx",
	    "application/vnd.openxmlformats-officedocument.presentationml.presentation" },
	{ "ps", "application/postscript" },
	{ "py", "text/x-python; charset=utf-8" },
	{ "qt", "video/quicktime" },
	{ "rar", "application/vnd.rar" },
	{ "rdf", "application/rdf+xml" },
	{ "rpm", "application/x-rpm" },
	{ "rss", "application/rss+xml" },
	{ "rst", "text/x-rst; charset=utf-8" },
	{ "rtf", "application/rtf" },
	{ "sh", "text/x-shellscript; charset=utf-8" },
	{ "sql", "application/sql" },
	{ "srt", "text/plain; charset=utf-8" },
	{ "svg", "image/svg+xml" },
	{ "swf", "application/x-shockwave-flash" },
	{ "tar", "application/x-tar" },
	{ "text", "text/plain; charset=utf-8" },
	{ "tgz", "application/gzip" },
	{ "tif", "image/tiff" },
	{ "tiff", "image/tiff" },
	{ "toml", "application/toml" },
	{ "torrent", "application/x-bittorrent" },
	{ "ts", "video/mp2t" },
	{ "tsv", "text/tab-separated-values; charset=utf-8" },
	{ "ttc", "font/collection" },
	{ "ttf", "font/ttf" },
	{ "txt", "text/plain; charset=utf-8" },
	{ "vcf", "text/vcard; charset=utf-8" },
	{ "vtt", "text/vtt; charset=utf-8" },
	{ "wasm", "application/wasm" },
	{ "wav", "audio/wav" },
	{ "weba", "audio/webm" },
	{ "webm", "video/webm" },
	{ "webmanifest", "application/manifest+json" },
	{ "webp", "image/webp" },
	{ "woff", "font/woff" },
	{ "woff2", "font/woff2" },
	{ "xhtml", "application/xhtml+xml" },
	{ "xls", "application/vnd.ms-excel" },
	{ "xlsx",
	    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
	{ "xml", "application/xml" },
	{ "xpi", "application/x-xpinstall" },
	{ "xsl", "application/xml" },
	{ "xslt", "application/xslt+xml" },
	{ "xz", "application/x-xz" },
	{ "yaml", "application/yaml" },
	{ "yml", "application/yaml" },
	{ "zip", "application/zip" },
	{ "zst", "application/zstd" },
};

static const struct str fallback = { "application/octet-stream", 24 };

static int
compare(const void *key, const void *element)
{
	const struct http_media_type *type = element;

	return strcmp(key, type->extension);
}

struct str
http_media_type_of(struct str file_name)
{
	char extension[LONGEST_EXTENSION + 1];
	const struct http_media_type *found;
	size_t length = 0;

	while (length < file_name.length) {
		char byte = file_name.data[file_name.length - length - 1];

		if (byte == '.')
			break;
		if (byte == '/' || ++length > LONGEST_EXTENSION)
			return fallback;
	}
	if (length == file_name.length)
		return fallback;
	for (size_t i = 0; i < length; i++)
		extension[i] =
		    (char)ascii_lower((unsigned char)file_name
					  .data[file_name.length - length + i]);
	extension[length] = '\0';
	found = bsearch(extension, types, sizeof(types) / sizeof(types[0]),
	    sizeof(types[0]), compare);
	return found != NULL ? str_of(found->type) : fallback;
}

const struct http_media_type *
http_media_types(size_t *count)
{
	*count = sizeof(types) / sizeof(types[0]);
	return types;
}
