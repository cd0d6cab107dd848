use integration_tests::cloud::Cloud;
use integration_tests::testbed::{Host, Image, require_root};

use crate::fixture::{primary, subnets};

#[test]
fn one_eni() {
    if !require_root("one_eni") {
        return;
    }
    let cloud = Cloud::boot(&Image::installed(), &subnets(), &[primary()]);
    cloud.check();
    println!("{}", cloud.instance.text(&["networkctl", "status", "ens5"]));
    println!("{}", cloud.instance.text(&["systemctl", "--failed"]));
    println!("{}", cloud.instance.journal(&[]));
}
