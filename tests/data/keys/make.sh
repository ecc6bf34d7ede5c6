#!/bin/sh
# Makes the keys and keystores of this directory, which are used by tests and by nothing else.
# Made with OpenSSL 3.0 and the keytool of OpenJDK 17. Every password is "changeit" unless a line says otherwise.
set -eu
cd "$(dirname "$0")"
find . -type f ! -name make.sh -delete
P=changeit
KT="keytool -storepass $P -noprompt"
DAYS=36500

# --- Java keystores -------------------------------------------------------------------------------------------------
for store in keystore.p12:PKCS12 keystore.jks:JKS keystore.jceks:JCEKS; do
    file=${store%%:*}; type=${store##*:}
    $KT -genkeypair -keystore $file -storetype $type -keypass $P -alias rsa-old -keyalg RSA -keysize 2048 -dname CN=rsa-old -validity $DAYS
    $KT -genkeypair -keystore $file -storetype $type -keypass $P -alias rsa-new -keyalg RSA -keysize 2048 -dname CN=rsa-new -validity $DAYS
    $KT -genkeypair -keystore $file -storetype $type -keypass $P -alias EC-Upper -keyalg EC -groupname secp256r1 -dname CN=ec -validity $DAYS \
        -ext KeyUsage=keyEncipherment
    $KT -exportcert -keystore $file -storetype $type -alias rsa-old -file trusted.der
    $KT -importcert -keystore $file -storetype $type -alias trusted -file trusted.der
    rm trusted.der
    if [ $type != JKS ]; then
        $KT -genseckey -keystore $file -storetype $type -keypass $P -alias hmac -keyalg HmacSHA512 -keysize 512
        $KT -genseckey -keystore $file -storetype $type -keypass $P -alias aes -keyalg AES -keysize 256
    fi
done
printf 'hunter22\nhunter22\n' | $KT -importpass -keystore keystore.p12 -storetype PKCS12 -alias password
# An entry password of its own, which JKS allows.
$KT -genkeypair -keystore entry-password.jks -storetype JKS -keypass entrypass -alias one -keyalg EC -groupname secp256r1 -dname CN=one -validity $DAYS

# --- a certification authority, servers and clients -----------------------------------------------------------------
ca() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days $DAYS -subj "/CN=$1" -keyout "$1.key" -out "$1.crt" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}
leaf() { # NAME CA SUBJECT-ALTERNATIVE-NAMES DAYS: NAME.pem has key and chain
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
    printf 'subjectAltName=%s\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n' "$3" > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -days "$4" -extfile "$1.ext" -out "$1.crt"
    cat "$1.key" "$1.crt" > "$1.pem"
    rm "$1.csr" "$1.ext" "$1.key" "$1.crt"
}
ca test-ca
ca other-ca
leaf server test-ca DNS:localhost,IP:127.0.0.1 $DAYS
leaf server-next test-ca DNS:localhost,IP:127.0.0.1 $DAYS
leaf alpha test-ca DNS:alpha.example.com $DAYS
leaf wildcard test-ca 'DNS:*.example.org' $DAYS
leaf client test-ca DNS:client.example.com $DAYS
leaf stranger other-ca DNS:client.example.com $DAYS
# Valid for one day only, and long over.
cat > index.cnf <<'CNF'
[ca]
default_ca = a
[a]
database = index.txt
new_certs_dir = .
serial = serial.txt
default_md = sha256
policy = p
unique_subject = no
[p]
commonName = supplied
CNF
: > index.txt; echo 01 > serial.txt
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=expired -keyout expired.key -out expired.csr
openssl ca -batch -config index.cnf -cert test-ca.crt -keyfile test-ca.key -in expired.csr -out expired.crt -notext -startdate 20200101000000Z -enddate 20200102000000Z
cat expired.key expired.crt > expired.pem
rm -f index.* serial.* expired.key expired.csr expired.crt 01.pem ./*.srl test-ca.key other-ca.key

# --- PKCS#12 of openssl ---------------------------------------------------------------------------------------------
openssl pkcs12 -export -in client.pem -name client -passout pass:$P -certfile test-ca.crt -caname authority -out openssl.p12
openssl pkcs12 -export -in client.pem -passout pass:$P -out openssl-unnamed.p12
openssl pkcs12 -export -legacy -in client.pem -name client -passout pass:$P -out openssl-legacy.p12

# --- PEM ------------------------------------------------------------------------------------------------------------
openssl genrsa -traditional 2048 > rsa-pkcs1.pem
openssl pkcs8 -topk8 -nocrypt -in rsa-pkcs1.pem -out rsa-pkcs8.pem
openssl pkcs8 -topk8 -in rsa-pkcs1.pem -passout pass:$P -out rsa-encrypted.pem
openssl rsa -in rsa-pkcs1.pem -traditional -aes128 -passout pass:$P -out rsa-dek-info.pem
openssl rsa -in rsa-pkcs1.pem -pubout -out rsa-public.pem
openssl rsa -in rsa-pkcs1.pem -RSAPublicKey_out -out rsa-public-pkcs1.pem
openssl ecparam -name prime256v1 -genkey -out ec-sec1.pem
openssl genpkey -algorithm ed25519 -out ed25519.pem
