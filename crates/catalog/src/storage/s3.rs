//! Amazon S3 and the ways SageMaker reads it.

use ingestsim_units::{Bytes, Frequency, Rate, Share, Span};
use serde::Deserialize;

use crate::Figure;

/// A storage class of S3.
///
/// A GET takes a first-byte latency, then `size / connection-rate`. The latency is lognormal with the stated median and
/// 99th percentile; the share `tail-share` of requests takes between `tail-low` and `tail-high` instead, log-uniform. A
/// listing of n keys takes `list-base + n × list-per-key` in all, its pages fetched one after the other.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct S3Class {
    /// Half of all GETs have their first byte sooner.
    pub first_byte_median: Figure<Span>,
    /// All but one in a hundred GETs have their first byte sooner.
    pub first_byte_p99: Figure<Span>,
    /// The share of requests in the slow tail.
    pub tail_share: Figure<Share>,
    /// The least that a request of the tail takes.
    pub tail_low: Figure<Span>,
    /// The most that a request of the tail takes.
    pub tail_high: Figure<Span>,
    /// What one request delivers once it flows.
    pub connection_rate: Figure<Rate>,
    /// Half of all small PUTs are answered sooner.
    pub put_median: Figure<Span>,
    /// All but one in a hundred small PUTs are answered sooner.
    pub put_p99: Figure<Span>,
    /// What one PUT takes up once it flows.
    pub put_connection_rate: Figure<Rate>,
    /// GET and HEAD requests per partitioned prefix (Standard) or bucket (Express).
    pub get_rate: Figure<Frequency>,
    /// PUT, COPY, POST, DELETE and LIST requests per partitioned prefix or bucket.
    pub put_rate: Figure<Frequency>,
    /// How long a prefix must be hot before S3 splits it; none where capacity is there from the start.
    pub split_time: Option<Figure<Span>>,
    /// The fixed part of a listing.
    pub list_base: Figure<Span>,
    /// What each key adds to a listing.
    pub list_per_key: Figure<Span>,
    /// Keys per page, each a billed request.
    pub list_page: Figure<u32>,
}

/// What clients of S3 do unless told otherwise.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct S3Client {
    /// Attempts in all, the first included.
    pub attempts: Figure<u32>,
    /// The longest first wait; before retry n it is `U(0, 1) × min(base × 2^(n−1), cap)`.
    pub backoff_base: Figure<Span>,
    /// The longest wait.
    pub backoff_cap: Figure<Span>,
    /// HEAD requests of a FUSE client per uncached lookup.
    pub fuse_lookup_heads: Figure<u32>,
    /// LIST requests of a FUSE client per uncached lookup.
    pub fuse_lookup_lists: Figure<u32>,
    /// What one HEAD takes, median.
    pub head_median: Figure<Span>,
    /// What one HEAD takes, 99th percentile.
    pub head_p99: Figure<Span>,
    /// The part size in which a FUSE client reads ahead.
    pub fuse_part: Figure<Bytes>,
    /// What one TCP connection carries at most outside a placement group.
    pub flow_rate: Figure<Rate>,
}

/// SageMaker's FastFile mode: objects as files that stream from S3.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FastFile {
    /// Listing one page before the program starts.
    pub list_page_time: Figure<Span>,
    /// Keys per page.
    pub list_page: Figure<u32>,
    /// What an open adds before its GET.
    pub open_latency: Figure<Span>,
    /// What an open stream reads ahead.
    pub stream_rate: Figure<Rate>,
}

/// What copies objects in File mode: `fixed + objects × per-object + bytes / rate`, in all and not per connection.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Downloader {
    /// Before the first object.
    pub fixed: Figure<Span>,
    /// For each object, however small.
    pub per_object: Figure<Span>,
    /// What all objects together flow at.
    pub rate: Figure<Rate>,
    /// How many objects the two costs above are for at a time.
    pub concurrency: Figure<u32>,
}
