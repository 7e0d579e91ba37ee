#!/bin/sh
# The entry point of the service `s3` in compose/stack.yml: an S3-compatible store with the bucket `iceworthy`, one login
# (catalog, $ICEWORTHY_S3_SECRET) and the role that the nodes assume for their clients.
set -eu
home=/var/lib/iceworthy/store
umask 077
mkdir -p "$home/data"
cat > "$home/identities.json" <<END
{"identities": [{"name": "catalog", "actions": ["Admin"],
  "credentials": [{"accessKey": "catalog", "secretKey": "$ICEWORTHY_S3_SECRET"}]}]}
END
key=$(head -c 32 /dev/urandom | base64 -w 0)
cat > "$home/iam.json" <<END
{"sts": {"tokenDuration": "1h", "maxSessionLength": "12h", "issuer": "iceworthy", "signingKey": "$key"},
 "policy": {"defaultEffect": "Deny", "storeType": "memory"},
 "policies": [{"name": "bucket", "document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*"],
   "Resource": ["arn:aws:s3:::iceworthy", "arn:aws:s3:::iceworthy/*"]}]}}],
 "roles": [{"roleName": "vended", "roleArn": "arn:aws:iam::role/vended", "attachedPolicies": ["bucket"],
   "trustPolicy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole"],
     "Principal": {"AWS": "arn:aws:iam::000000000000:user/catalog"}}]}}]}
END
cd "$home"
# Master, volume and filer are for the store itself: on loopback of the container. Only S3 is for others.
exec weed server -filer -s3 -dir "$home/data" -ip 127.0.0.1 -ip.bind 127.0.0.1 -s3.ip.bind 0.0.0.0 -s3.port 8333 \
  -s3.config "$home/identities.json" -s3.iam.config "$home/iam.json" -s3.port.iceberg 0 -s3.port.lance 0 \
  -master.telemetry false -master.electionTimeout 1s -master.volumeSizeLimitMB 64 -volume.max 100 \
  -filer.localSocket "$home/filer.sock" -s3.localSocket "$home/s3.sock"
