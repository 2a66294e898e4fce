import { canonicalText } from './canonical-text.ts';

/** Minor units that every vendor is credited with; the books hold a thousand times that. */
const CREDIT = 1_000_000_000_000;
const CHARGED = 150;
/** Default of BUSINESS_TIMEZONE. */
const TIME_ZONE = 'Asia/Tehran';

/**
 * SQL that continues every vendor's chain by a link, as the ledger would have: numbered, balanced, sealed by the
 * database's own reading of the canonical text. Times lie in 2025, a second apart. Its commands came from a log before
 * the one that is there, stream epoch 0, so that an audit finds it clean.
 */
export const NEXT_LINK = `
CREATE SCHEMA bench;
CREATE UNLOGGED TABLE bench.heads (vendor_id int PRIMARY KEY, seq bigint, balance bigint, hash bytea)
  WITH (fillfactor = 50);
CREATE FUNCTION bench.link_id(vendor int, seq bigint, ms bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex(ms), 12, '0') || '8' || lpad(to_hex(vendor >> 20), 3, '0')
    || lpad(to_hex(x'8000'::int + ((h >> 16)::int)), 4, '0') || lpad(to_hex(h & 65535), 4, '0')
    || lpad(to_hex(seq & 4294967295), 8, '0'))::uuid
  FROM (SELECT ((vendor & 1048575)::bigint << 10) | (seq >> 32) AS h) high $$;

CREATE FUNCTION bench.next_link(vendor int, last bigint, balance bigint, head bytea)
  RETURNS ledger.transactions LANGUAGE plpgsql AS $$
  DECLARE t ledger.transactions; ms bigint;
  BEGIN
    ms := 1735689600000 + last * 1000;
    t.vendor_id := vendor;
    t.seq := last + 1;
    t.id := bench.link_id(vendor, t.seq, ms);
    t.type := CASE last WHEN 0 THEN 'open-vendor' WHEN 1 THEN 'credit' ELSE 'charge' END;
    t.status := 'posted';
    t.amount := CASE last WHEN 0 THEN 0 WHEN 1 THEN ${CREDIT} ELSE ${CHARGED} END;
    t.balance_effect := CASE WHEN last > 1 THEN -t.amount ELSE t.amount END;
    t.held_effect := 0;
    t.held_before := 0;
    t.held_after := 0;
    t.phone_number := CASE WHEN last > 1 THEN '+98912' || lpad((last * 7919 % 10000000)::text, 7, '0') END;
    t.balance_before := balance;
    t.balance_after := balance + t.balance_effect;
    t.phone_salt := CASE WHEN last > 1 THEN decode(md5(last::text), 'hex') END;
    t.phone_commitment := sha256(t.phone_salt || convert_to(t.phone_number, 'UTF8'));
    t.message_id := 'history.' || t.seq;
    t.fingerprint := substring(sha256(convert_to(t.message_id, 'UTF8')) FOR 16);
    t.principal := 'token:1';
    t.source := 'gateway';
    t.livemode := true;
    t.stream := 0;
    t.stream_index := 0;
    t.stream_epoch := 0;
    t.stream_seq := t.seq;
    t.created_at := to_timestamp(ms / 1000.0);
    t.business_day := (t.created_at AT TIME ZONE '${TIME_ZONE}')::date;
    t.details := CASE last WHEN 0 THEN
      '{"daily_limit":null,"livemode":true,"name":"vendor ' || vendor || '"}' END;
    t.previous_hash := head;
    t.hash := sha256(convert_to(${canonicalText('t')}, 'UTF8'));
    RETURN t;
  END $$;

CREATE FUNCTION bench.add_links(links int) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    FOR i IN 1 .. links LOOP
      WITH added AS (
        INSERT INTO ledger.transactions
        SELECT t.* FROM bench.heads h CROSS JOIN LATERAL bench.next_link(h.vendor_id, h.seq, h.balance, h.hash) t
        RETURNING vendor_id, seq, balance_after, hash)
      UPDATE bench.heads h SET seq = a.seq, balance = a.balance_after, hash = a.hash
      FROM added a WHERE a.vendor_id = h.vendor_id;
    END LOOP;
  END $$;

CREATE FUNCTION bench.write_vendors() RETURNS void LANGUAGE sql AS $$
  INSERT INTO ledger.vendors (vendor_id, name, status, livemode, balance, held, business_day, charged_today, seq, head_hash,
    opened_at, updated_at)
  SELECT vendor_id, 'vendor ' || vendor_id, 'active', true, balance, 0,
    (to_timestamp(1735689600 + seq - 1) AT TIME ZONE '${TIME_ZONE}')::date, charged, seq, hash,
    to_timestamp(1735689600), to_timestamp(1735689600 + seq - 1)
  FROM bench.heads h CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount), 0) AS charged FROM ledger.transactions t
    WHERE t.vendor_id = h.vendor_id AND t.type = 'charge' AND t.business_day
      = (to_timestamp(1735689600 + h.seq - 1) AT TIME ZONE '${TIME_ZONE}')::date) day $$;
`;
